// Who ends the temporary server: the command in good order, or a second Ctrl-C, which may not leave one behind that nobody
// would find. Whoever comes first does it alone.
import Foundation
import Synchronization

final class DemoServerEnd: Sendable {
    private enum State {
        /// There is none yet, or it shall go on.
        case nothingToEnd
        case running(shellCommand: String)
        case beingEnded
    }

    private let state = Mutex(State.nothingToEnd)

    /// From here on the server has to be ended, with this command where there is no time for more.
    func serverRuns(endedBy shellCommand: String) {
        state.withLock { $0 = .running(shellCommand: shellCommand) }
    }

    /// In good order, on the command's own thread. Does not return where a signal is ending the process already.
    func end(_ body: () -> Void) {
        let isOurs = state.withLock { state in
            if case .beingEnded = state { return false }
            state = .beingEnded
            return true
        }
        guard isOurs else { return StopFlag().wait() }
        body()
    }

    /// At once, on the signal's queue: the process ends with it, unless its own thread is ending the server already.
    func endProcess() {
        let previous = state.withLock { state in
            defer { if case .running = state { state = .beingEnded } }
            return state
        }
        switch previous {
        case .nothingToEnd: exit(130)
        case .beingEnded: return
        case .running(let shellCommand):
            run(shellCommand)
            exit(130)
        }
    }

    private func run(_ command: String) {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", command]
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        do {
            try shell.run()
            shell.waitUntilExit()
        } catch {
            FileHandle.standardError.write(Data("The database could not be ended; do it with: \(command)\n".utf8))
        }
    }
}
