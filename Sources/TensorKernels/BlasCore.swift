// Which of OpenBLAS's kernels run, and which ought to. OpenBLAS chooses once, when the library is loaded, by a list of
// processors that ends with those of its release: on a newer one it falls back to SSE kernels, several times too slow.
internal import COpenBLAS

package enum BlasCore {
    /// The environment variable that OpenBLAS reads when it is loaded, and no later.
    package static let variable = "OPENBLAS_CORETYPE"

    /// Kernel families that use 128-bit vectors only, as `openblas_get_corename` spells them.
    private static let narrow: Set<String> = [
        "Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Atom", "Core2", "Penryn", "Dunnington", "Nehalem",
        "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nano",
    ]

    /// What this process's OpenBLAS chose.
    package static var chosen: String {
        guard let name = openblas_get_corename() else { return "" }
        return String(cString: name)
    }

    /// The kernel family to ask OpenBLAS for, or nil where its own choice is as good as ours. Only a choice far below the
    /// processor is corrected: between families of wide vectors OpenBLAS knows better.
    /// - Parameters:
    ///   - chosen: `openblas_get_corename`'s answer. A name that is not known here is left alone.
    ///   - best: the widest instruction set of processor and operating system.
    package static func wanted(insteadOf chosen: String, on best: InstructionSet) -> String? {
        guard narrow.contains(chosen) else { return nil }
        return switch best {
        case .avx512: "SkylakeX"
        case .avx2: "Haswell"
        case .portable: nil
        }
    }
}
