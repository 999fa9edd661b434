// `winnow deadletters list`: one line a letter, without its content.
import ArgumentParser
import Foundation
import PostgresDelivery

struct ListDeadLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "One line a letter, oldest first, without the content.")

    @OptionGroup var options: ConnectionOptions
    @OptionGroup var letters: DeadLetterOptions

    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit: Int64 = 50

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() async throws {
        let database = PostgresOptions(try options.loadOrExit().settings)
        let filter = letters.filter(topics: options.topic)
        let (found, counts) = try DatabaseCommand.orExit {
            let administration = try DeadLetterAdministration(database)
            return (try administration.list(filter, limit: limit), try administration.counts(filter))
        }
        let total = counts.values.reduce(0, +)
        if json {
            print(try CommandJSON.text(Report(total: total, reasons: counts, letters: found.map(DeadLetterLine.init))))
            return
        }
        for letter in found { print(Self.line(letter)) }
        let reasons = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        print(total == 0 ? "No dead letters." : "\(total) dead letters: \(reasons.joined(separator: ", ")).")
        if found.count < total { print("The first \(found.count) are shown; --limit shows more.") }
    }

    private static func line(_ letter: DeadLetterSummary) -> String {
        var line = "#\(letter.identifier)  \(letter.position)  \(letter.writtenAt)  \(letter.reason)"
        line += letter.payloadBytes.map { "  \($0) bytes" } ?? "  no payload"
        if letter.redriveCount > 0 { line += "  taken in again \(letter.redriveCount) times" }
        return line + "  \(letter.detail)"
    }

    private struct Report: Encodable {
        let total: Int64
        let reasons: [String: Int64]
        let letters: [DeadLetterLine]
        enum CodingKeys: String, CodingKey {
            case total, reasons
            case letters = "dead_letters"
        }
    }
}

/// A letter for scripts: every key is there, absent values are null.
struct DeadLetterLine: Encodable {
    let letter: DeadLetterSummary

    private enum Keys: String, CodingKey {
        case id, topic, partition, offset, reason, detail, platform, key, account
        case writtenAt = "written_at"
        case receivedAt = "received_at"
        case payloadBytes = "payload_bytes"
        case redrives
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(letter.identifier, forKey: .id)
        try container.encode(letter.position.topicPartition.topic, forKey: .topic)
        try container.encode(letter.position.topicPartition.partition, forKey: .partition)
        try container.encode(letter.position.offset, forKey: .offset)
        try container.encode(letter.writtenAt, forKey: .writtenAt)
        try container.encode(letter.receivedAt, forKey: .receivedAt)
        try container.encode(letter.reason, forKey: .reason)
        try container.encode(letter.detail, forKey: .detail)
        try container.encode(letter.platform, forKey: .platform)
        try container.encode(letter.key, forKey: .key)
        try container.encode(letter.account, forKey: .account)
        try container.encode(letter.payloadBytes, forKey: .payloadBytes)
        try container.encode(letter.redriveCount, forKey: .redrives)
    }
}

/// JSON as scripts read it: one line, keys in alphabetical order.
enum CommandJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
