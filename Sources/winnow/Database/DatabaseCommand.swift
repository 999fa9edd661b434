// What the commands on the database share: how a failure ends them.
import ArgumentParser
import Foundation
import StreamCore

enum DatabaseCommand {
    /// Runs the body; a failure is told on standard error in one sentence, and ends the command with exit code 1.
    static func orExit<Value>(_ body: () throws(DatabaseFailure) -> Value) throws -> Value {
        do throws(DatabaseFailure) {
            return try body()
        } catch {
            tell("\(error).")
            throw ExitCode(1)
        }
    }

    static func tell(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
