// How `winnow produce` cuts standard input into records: lines, or whole frames of server-sent events.
import Foundation
import KafkaIngest
import Posts
import Testing

@Suite(.serialized) struct ProduceCommandTests {
    private struct Produced {
        let code: Int32
        let output: String
        /// Keys and values, in the order of the one partition.
        let records: [(key: String?, value: String)]
    }

    private func produce(_ input: String, _ options: String...) async throws -> Produced {
        let broker = try DevelopmentBroker(topics: [.init(name: "feed", partitionCount: 1)])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("input-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = try WinnowProcess(
            ["produce", "--brokers", broker.bootstrapServers, "--topic", "feed", "--quiet"] + options, input: file)
        let code = try await process.exitCode(within: .seconds(60))
        let acknowledged = try #require(process.output.firstMatch(of: /(\d+) acknowledged/).flatMap { Int64($0.1) })
        let records = try await onOwnThread {
            let partition = TopicPartition(topic: "feed", partition: 0)
            let reader = try KafkaRangeReader(
                KafkaSourceConfiguration(brokers: broker.bootstrapServers, topics: ["feed"], group: "reader"),
                ranges: [partition: 0..<acknowledged])
            var records: [SourceRecord] = []
            let deadline = ContinuousClock.now + .seconds(60)
            while !reader.isAtEnd, .now < deadline { records += try reader.next(records: 100, within: .milliseconds(200)).records }
            return records
        }
        return Produced(
            code: code, output: process.output,
            records: records.map { record in
                (record.key.map { String(decoding: $0, as: UTF8.self) }, String(decoding: record.value ?? [], as: UTF8.self))
            })
    }

    private static let stream = """
        :)

        event: update
        data: {"id":"1","text":"one"}

        :thump

        id: 7
        event: update
        data: {"id":"2",
        data: "text":"two"}

        event: delete
        data: 1


        event: update
        data: {"id":"3","text":"no blank line behind"}
        """

    @Test func eachFrameIsARecord() async throws {
        let produced = try await produce(Self.stream)
        #expect(produced.code == 0)
        #expect(produced.output.contains("6 events read, 4 acknowledged, 2 without data"))
        #expect(
            produced.records.map(\.value) == [
                "event: update\ndata: {\"id\":\"1\",\"text\":\"one\"}",
                "id: 7\nevent: update\ndata: {\"id\":\"2\",\ndata: \"text\":\"two\"}", "event: delete\ndata: 1",
                "event: update\ndata: {\"id\":\"3\",\"text\":\"no blank line behind\"}",
            ])
    }

    @Test func keysComeFromTheData() async throws {
        let produced = try await produce(Self.stream.replacingOccurrences(of: "\n", with: "\r\n"), "--key-field", "id")
        #expect(produced.records.map(\.key) == ["1", "2", nil, "3"])
        #expect(produced.output.contains("1 without a key"))
        #expect(produced.records.first?.value == "event: update\r\ndata: {\"id\":\"1\",\"text\":\"one\"}\r")
    }

    @Test func linesStayLines() async throws {
        let lines = "\n{\"id\":\"1\"}\n\nevent: no frame\n"
        let produced = try await produce(lines)
        #expect(produced.output.contains("4 lines read, 2 acknowledged, 2 empty"))
        #expect(produced.records.map(\.value) == ["{\"id\":\"1\"}", "event: no frame"])
        let forced = try await produce("data: one\n\ndata: two\n", "--framing", "lines")
        #expect(forced.records.map(\.value) == ["data: one", "data: two"])
        let events = try await produce("retry\ndata: one\n\ndata: two\n", "--framing", "events")
        #expect(events.records.map(\.value) == ["retry\ndata: one", "data: two"])
    }

    @Test func framesOverTheBoundAreSaidAndLeftOut() async throws {
        let long = String(repeating: "x", count: 60)
        let input = "data: short\n\ndata: \(long)\ndata: tail\n\ndata: a\ndata: b\n\nevent: e\ndata: \(long.prefix(50))\n\n"
        let produced = try await produce(input, "--max-line-bytes", "60")
        #expect(produced.code == 1)
        #expect(produced.records.map(\.value) == ["data: short", "data: a\ndata: b"])
        #expect(produced.output.contains("4 events read, 2 acknowledged, 2 too long"))
        #expect(produced.output.contains("The event that ends in line 5 has"))
    }
}
