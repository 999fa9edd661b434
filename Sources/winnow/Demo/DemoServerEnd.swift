// What a second Ctrl-C still has to do: a server that outlives the demo would be found by nobody.
import Foundation
import Synchronization

final class DemoServerEnd: Sendable {
    private let shellCommand = Mutex<String?>(nil)

    /// Ends the temporary server; nil where it shall go on.
    var command: String? {
        get { shellCommand.withLock { $0 } }
        set { shellCommand.withLock { $0 = newValue } }
    }

    /// Called on the signal's queue, at most once; does not return.
    func endProcess() -> Never {
        if let command {
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
        exit(130)
    }
}
