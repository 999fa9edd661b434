// Posts from a file: JSON Lines of objects with a text and perhaps an id, or plain text, a post a line. Told apart by the first
// line, and made safe as the stream makes them.
package import Foundation
internal import Posts

package struct PostFileFault: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }
}

package enum PostFile {
    package enum Form: String, Sendable, CaseIterable { case auto, json, text }

    /// Posts are held in memory while a job runs.
    package static let mostPosts = 2_000_000

    /// Equal ids are the caller's affair; a post without one has the number of its line.
    package static func read(_ data: Data, form: Form, name: String) throws(PostFileFault) -> [TeacherPost] {
        let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
        let first = lines.first { !isBlank($0) }
        let isJSON = form == .json || (form == .auto && first?.first { !isBlank($0) } == UInt8(ascii: "{"))
        var posts: [TeacherPost] = []
        for (number, line) in zip(1..., lines) where !isBlank(line) {
            guard posts.count < mostPosts else {
                throw PostFileFault("\(name) has more than the \(mostPosts) posts of one job: split it.")
            }
            var bytes = Array(line)
            if bytes.last == 0x0D { bytes.removeLast() }
            if isJSON {
                guard let row = try? JSONDecoder().decode(Row.self, from: Data(bytes)) else {
                    throw PostFileFault(
                        "\(name) line \(number) is no JSON object with a text: correct it, or give --format text if each line is a post.")
                }
                posts.append(TeacherPost(id: row.id ?? String(number), text: SafeText.text(Array(row.text.utf8))))
            } else {
                posts.append(TeacherPost(id: String(number), text: SafeText.text(bytes)))
            }
        }
        return posts
    }

    private struct Row: Decodable {
        let id: String?
        let text: String

        private enum Keys: String, CodingKey { case id, text }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            text = try container.decode(String.self, forKey: .text)
            if let name = try? container.decode(String.self, forKey: .id) {
                id = name
            } else {
                id = (try? container.decode(Int64.self, forKey: .id)).map(String.init)
            }
        }
    }

    private static func isBlank(_ line: Data) -> Bool { line.allSatisfy(isBlank) }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
