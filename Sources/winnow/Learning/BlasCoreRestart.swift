// Starts this program once more, in the same process, where OpenBLAS has chosen kernels far below the processor: it
// chooses when it is loaded, before any line of ours runs. Record 0160.
import Foundation
import TensorKernels

enum BlasCoreRestart {
    /// Set for the second start, so that there is never a third.
    private static let guardVariable = "WINNOW_BLAS_RESTARTED"

    /// To be called before a command that lives on BLAS reads or writes anything. Returns where all is well, where the user
    /// has chosen, and where the system does not let a program start itself: the work is then right, but slow.
    static func ifNeeded(tell: (String) -> Void) {
        #if os(Linux)
            let environment = ProcessInfo.processInfo.environment
            guard environment[guardVariable] == nil, environment[BlasCore.variable] == nil else { return }
            let chosen = BlasCore.chosen
            guard let wanted = BlasCore.wanted(insteadOf: chosen, on: .best) else { return }
            tell("OpenBLAS does not know this processor and chose \(chosen) kernels: starting again with \(wanted)")
            setenv(BlasCore.variable, wanted, 1)
            setenv(guardVariable, "1", 1)
            var arguments = CommandLine.arguments.map { strdup($0) }
            defer { for argument in arguments { free(argument) } }
            arguments.append(nil)
            // Returns only where it failed.
            execv("/proc/self/exe", arguments)
            tell("it could not be started again; set \(BlasCore.variable)=\(wanted) for the full speed")
        #endif
    }
}
