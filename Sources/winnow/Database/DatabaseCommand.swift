// What the commands on the database share: how a failure ends them.
import ArgumentParser
import Foundation
import StreamCore

enum DatabaseCommand {
    /// Runs the body; a failure is told on standard error in one sentence, and ends the command with exit code 1.
    static func orExit<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseFailure {
            tell("\(error).")
            throw ExitCode(1)
        }
    }

    static func tell(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
