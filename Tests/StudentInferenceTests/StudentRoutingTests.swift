// Several students at once: each post is read by the student of its language, and the results keep the order.
import Foundation
import Masking
import ModelFiles
import Posts
import StudentInference
import Testing

@Suite struct StudentRoutingTests {
    private func post(_ text: String, _ language: String?, _ number: Int) -> Post {
        Post(
            key: PostKey(platform: "test", key: String(number)), version: EventVersion(number: 1), language: language,
            text: text)
    }

    /// The tiny model, and the same one under another name: two versions that differ in what they are called.
    private func students() throws -> [Student] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-routes-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(fileURLWithPath: Golden.tinyFolder), to: folder)
        let file = folder.appendingPathComponent("config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        let renamed = text.replacingOccurrences(of: #""name": "tiny""#, with: #""name": "other""#)
        try #require(renamed != text)
        try Data(renamed.utf8).write(to: file)
        return [try Student.load(folder: Golden.tinyFolder), try Student.load(folder: folder.path)]
    }

    @Test func postsGoToTheModelOfTheirLanguage() throws {
        let students = try students()
        let routes = StudentRoutes(
            routes: [.init(student: students[0], mask: .none), .init(student: students[1], mask: .rules)],
            byLanguage: ["en": 0, "pt": 0], fallback: 1)
        let given: [(language: String?, route: Int)] = [
            ("en", 0), (nil, 1), ("EN-us", 0), ("de", 1), ("pt_BR", 0), ("", 1), ("eng", 1), ("*", 1), ("e", 1), ("en-", 0),
        ]
        for (language, route) in given { #expect(routes.index(for: language) == route, "\(language ?? "nil")") }
        let worker = RoutedWorker(routes)
        let posts = given.enumerated().map { number, given in
            let text = "@you post number \(number) " + String(repeating: "with words ", count: number * 3)
            return post(text, given.language, number)
        }
        let results = worker.enrich(posts.map { ($0, worker.prepare($0)) })
        #expect(results.map(\.model) == given.map { students[$0.route].version })
        #expect(results.map(\.language) == given.map(\.language))
        // What one student says alone, bit for bit: a batch of several languages changes nothing.
        for ((post, route), result) in zip(zip(posts, given.map(\.route)), results) {
            let alone = StudentWorker(student: students[route], mask: routes.routes[route].mask)
            let request = EnrichmentRequest(post: alone.prepare(post.text), text: post.text, language: post.language)
            let expected = alone.enrich([request])[0]
            #expect(result.mask == expected.mask && result.entities.map(\.span) == expected.entities.map(\.span))
            let scores = zip(result.sentiment?.scores ?? [], expected.sentiment?.scores ?? [])
            for (one, other) in scores { #expect(abs(one.score - other.score) < 1e-5) }
        }
    }

    @Test func oneModelReadsEverything() throws {
        let student = try Student.load(folder: Golden.tinyFolder)
        let worker = RoutedWorker(StudentRoutes(.init(student: student, mask: .none)))
        let posts = ["en", nil, "ja"].enumerated().map { post("some words", $1, $0) }
        let results = worker.enrich(posts.map { ($0, worker.prepare($0)) })
        #expect(results.map(\.model) == posts.map { _ in student.version })
        #expect(worker.enrich([]).isEmpty)
    }
}
