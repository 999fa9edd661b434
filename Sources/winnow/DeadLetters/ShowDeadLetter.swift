// `winnow deadletters show`: one letter. Its content goes to a terminal, or as raw bytes where that was asked for, and
// nowhere else.
import ArgumentParser
import Foundation
import PostgresDelivery

struct ShowDeadLetter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One letter with its content.",
        discussion: """
            The content is shown on a terminal only, with control characters made visible: into a file or a pipe goes \
            what is known about the letter, unless --raw asks for the record's value, byte for byte and nothing else.
            """)

    @OptionGroup var options: ConnectionOptions

    @Argument(help: ArgumentHelp("The letter's number, as `list` shows it.", valueName: "number"))
    var id: Int64

    @Flag(help: "Only the record's value, byte for byte, to standard output.")
    var raw = false

    @Flag(help: "What is known about the letter as one JSON object, without the content.")
    var json = false

    func validate() throws {
        if raw && json { throw ValidationError("--raw and --json exclude each other.") }
    }

    func run() async throws {
        let database = PostgresOptions(try options.loadOrExit().settings)
        let found = try DatabaseCommand.orExit { try DeadLetterAdministration(database).letter(id) }
        guard let found else {
            DatabaseCommand.tell("There is no dead letter \(id) of this group; see `winnow deadletters list`.")
            throw ExitCode(1)
        }
        if raw {
            guard let payload = found.payload else {
                DatabaseCommand.tell("Dead letter \(id) has no payload: its post or account was deleted, or it had none.")
                throw ExitCode(1)
            }
            FileHandle.standardOutput.write(Data(payload))
        } else if json {
            print(try CommandJSON.text(DeadLetterLine(letter: found.summary)))
        } else {
            printFields(found.summary)
            printContent(found.recordKey, found.payload)
        }
    }

    private func printFields(_ letter: DeadLetterSummary) {
        print("dead letter #\(letter.identifier): \(letter.reason)")
        print("  \(letter.detail)")
        print("  record     \(letter.position), received \(letter.receivedAt ?? "(unknown)")")
        print("  written    \(letter.writtenAt), taken in again \(letter.redriveCount) times since")
        if let platform = letter.platform { print("  platform   \(platform)") }
        if let key = letter.key { print("  post       \(PayloadText.visible(Array(key.utf8)))") }
        if let account = letter.account { print("  account    \(PayloadText.visible(Array(account.utf8)))") }
    }

    private func printContent(_ recordKey: [UInt8]?, _ payload: [UInt8]?) {
        guard let payload else { return print("  no payload: its post or account was deleted, or the record had none") }
        guard isatty(STDOUT_FILENO) == 1 else {
            return print("  payload    \(payload.count) bytes, not shown: this is no terminal (--raw writes them)")
        }
        if let recordKey { print("  record key \(PayloadText.visible(recordKey))") }
        print("  payload    \(payload.count) bytes:\n\(PayloadText.visible(payload))")
    }
}

/// Bytes for a terminal: what would move the cursor, change colours or turn the text round is written out.
enum PayloadText {
    static func visible(_ bytes: [UInt8]) -> String {
        var result = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar != "\n" && scalar != "\t", .format where scalar != "\u{200D}",
                .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
