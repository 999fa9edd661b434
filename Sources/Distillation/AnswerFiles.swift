// The files a job leaves: answers to learn from, harmful posts apart, one file for each filter that rejected something. Each is
// written beside its place and moved there when it is whole, so a reader never sees half of one.
package import Foundation

package struct AnswerFiles {
    private let folder: URL
    private let promptVersion: String
    private var writers: [String: FileHandle] = [:]
    package private(set) var learned = 0
    package private(set) var harmful = 0
    package private(set) var open = 0
    package private(set) var rejected: [FilterReason: Int] = [:]

    package static let answers = "answers.jsonl"
    package static let harmfulPosts = "harmful.jsonl"
    package static let log = "teacher-log.jsonl"
    package static let report = "report.json"
    private static let rejectedFolder = "rejected"

    package init(folder: URL, promptVersion: String) throws {
        self.folder = folder
        self.promptVersion = promptVersion
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent(Self.rejectedFolder), withIntermediateDirectories: true)
        for name in [Self.answers, Self.harmfulPosts] { try begin(name) }
    }

    package mutating func put(_ post: FilteredPost) throws {
        switch post {
        case .open: open += 1
        case .learned(let row):
            learned += 1
            try write(Self.line(row, promptVersion: promptVersion), to: Self.answers)
        case .harmful(let row):
            harmful += 1
            try write(Self.line(row, promptVersion: promptVersion), to: Self.harmfulPosts)
        case .rejected(let post):
            rejected[post.reason, default: 0] += 1
            guard let line = JSONLine.data(post) else { return }
            try write(line, to: "\(Self.rejectedFolder)/\(post.reason.rawValue).jsonl")
        }
    }

    /// Moves all files to their places, the report last; files of filters that rejected nothing this time go away.
    package mutating func close(report: Data) throws {
        for reason in FilterReason.allCases {
            let name = "\(Self.rejectedFolder)/\(reason.rawValue).jsonl"
            if writers[name] == nil { try? FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
        }
        for (name, handle) in writers {
            try handle.synchronize()
            try handle.close()
            try move(name)
        }
        writers = [:]
        try report.write(to: folder.appendingPathComponent(Self.report), options: .atomic)
    }

    private func begun(_ name: String) -> URL { folder.appendingPathComponent(name + ".begun") }

    private mutating func begin(_ name: String) throws {
        try Data().write(to: begun(name))
        writers[name] = try FileHandle(forWritingTo: begun(name))
    }

    private mutating func write(_ line: Data, to name: String) throws {
        if writers[name] == nil { try begin(name) }
        try writers[name]?.write(contentsOf: line + [0x0A])
    }

    private func move(_ name: String) throws {
        let place = folder.appendingPathComponent(name)
        guard rename(begun(name).path, place.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// In the order of the documented form.
    static func line(_ row: LearnedRow, promptVersion: String) -> Data {
        func quoted(_ text: String) -> String { String(decoding: JSONValue.text(text).data, as: UTF8.self) }
        func verdict(_ verdict: LearnedRow.Verdict) -> String {
            let agreement = (verdict.agreement * 10_000).rounded() / 10_000
            return "{\"label\":\(quoted(verdict.label)),\"agreement\":\(String(decoding: JSONValue.number(agreement).data, as: UTF8.self))}"
        }
        let entities = row.mentions.map {
            "{\"type\":\(quoted($0.type)),\"text\":\(quoted($0.text)),\"start\":\($0.span.start),\"length\":\($0.span.length)}"
        }
        let spans = row.rationaleSpans.map { "[\($0.start),\($0.length)]" }
        return Data(
            ("{\"id\":\(quoted(row.post.id)),\"text\":\(quoted(row.post.text)),\"sentiment\":\(verdict(row.sentiment)),"
                + "\"topic\":\(verdict(row.topic)),\"entities\":[\(entities.joined(separator: ","))],"
                + "\"rationale\":\(quoted(row.rationale)),\"rationale_spans\":[\(spans.joined(separator: ","))],"
                + "\"teacher\":\(quoted(row.teacher)),\"prompt_version\":\(quoted(promptVersion)),\"samples\":\(row.samples)}").utf8)
    }
}
