// Which kernels of OpenBLAS are asked for: a pure table, and that the linked library answers by a name we know.
import TensorKernels
import Testing

@Suite struct BlasCoreTests {
    @Test(arguments: ["Prescott", "Nehalem", "Core2", "Barcelona", "Atom"])
    func narrowKernelsAreReplacedByTheWidestThatRun(chosen: String) {
        #expect(BlasCore.wanted(insteadOf: chosen, on: .avx512) == "SkylakeX")
        #expect(BlasCore.wanted(insteadOf: chosen, on: .avx2) == "Haswell")
        #expect(BlasCore.wanted(insteadOf: chosen, on: .portable) == nil, "an old processor runs what it can")
    }

    /// OpenBLAS's own choice among wide kernels stands, as does a family of a release to come or of another architecture.
    @Test(arguments: ["Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids", "NEOVERSEN1", "", "prescott"])
    func otherChoicesStand(chosen: String) {
        for best in InstructionSet.allCases { #expect(BlasCore.wanted(insteadOf: chosen, on: best) == nil) }
    }

    /// What is asked for is not itself replaced: starting again cannot go round.
    @Test func wantedIsFinal() {
        for best in InstructionSet.allCases {
            guard let wanted = BlasCore.wanted(insteadOf: "Prescott", on: best) else { continue }
            #expect(BlasCore.wanted(insteadOf: wanted, on: best) == nil)
        }
    }

    @Test func libraryNamesItsChoice() { #expect(!BlasCore.chosen.isEmpty) }
}
