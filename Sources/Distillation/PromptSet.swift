// The versioned files that a teacher is asked with: taxonomy, templates, worked examples. Embedded in the binary, and
// replaceable by a folder of the same files. Knows nothing of requests.
package import Foundation
internal import ModelFiles

/// One sentence: which file is wrong, where, and what to do.
package struct PromptFault: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }
}

package struct PromptSet: Sendable {
    package static let files = ["prompts.json", "system.md", "user.md", "repair.md", "examples.jsonl"]

    /// A post with the answer a teacher should give: shown before the post that is asked about.
    package struct Example: Sendable, Equatable {
        package let post: String
        /// How it is written: plain, headline, irony... The schedule mixes them.
        package let style: String
        package let answer: TeacherAnswer
    }

    /// What `prompts.json` holds. Labels keep no order of their own: they are sorted, so that a version is one text.
    private struct Settings: Decodable {
        let format: Int
        let name: String
        let version: String
        let sentiment: [String: String]
        let topic: [String: String]
        let entities: [String: String]
        let examples_per_request: Int
        let decks: Int
    }

    package let taxonomy: AnswerTaxonomy
    package let examples: [Example]
    package let examplesPerRequest: Int
    package let decks: Int
    /// Name, version and the first 12 digits of the hash of all files: `posts-1+0f3c51d2a9b4`.
    package let version: String
    package let system: String
    private let userTemplate: String
    private let repairTemplate: String

    /// The set that is built in.
    package static func embedded() throws(PromptFault) -> PromptSet {
        try PromptSet(embeddedFiles, place: "the built-in prompts")
    }

    package static var embeddedFiles: [String: Data] {
        [
            "prompts.json": Data(PackageResources.prompts_json), "system.md": Data(PackageResources.system_md),
            "user.md": Data(PackageResources.user_md), "repair.md": Data(PackageResources.repair_md),
            "examples.jsonl": Data(PackageResources.examples_jsonl),
        ]
    }

    package init(folder: URL) throws(PromptFault) {
        var contents: [String: Data] = [:]
        for file in Self.files {
            guard let data = try? Data(contentsOf: folder.appendingPathComponent(file)) else {
                throw PromptFault(
                    "\(folder.path)/\(file) cannot be read: a prompt folder holds \(Self.files.joined(separator: ", ")); "
                        + "winnow teach --write-prompts DIR makes one to start from.")
            }
            contents[file] = data
        }
        try self.init(contents, place: folder.path)
    }

    /// - Parameter place: for messages.
    package init(_ contents: [String: Data], place: String) throws(PromptFault) {
        func text(_ file: String) throws(PromptFault) -> String {
            guard let data = contents[file], let text = String(validating: data, as: UTF8.self) else {
                throw PromptFault("\(place)/\(file) is no UTF-8 text: save it as UTF-8.")
            }
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let settings: Settings
        do {
            settings = try JSONDecoder().decode(Settings.self, from: contents["prompts.json"] ?? Data())
        } catch {
            throw PromptFault(
                "\(place)/prompts.json does not have the form of the built-in one: compare it with "
                    + "winnow teach --write-prompts DIR.")
        }
        guard settings.format == 1, settings.examples_per_request >= 0, (1...1_000).contains(settings.decks),
            settings.sentiment.count > 1, settings.topic.count > 1
        else {
            throw PromptFault(
                "\(place)/prompts.json: format must be 1, decks 1 to 1000, examples_per_request 0 or more, and sentiment "
                    + "and topic need two labels or more each.")
        }
        taxonomy = AnswerTaxonomy(
            sentiment: settings.sentiment.keys.sorted(), topic: settings.topic.keys.sorted(),
            entities: settings.entities.keys.sorted())
        examplesPerRequest = settings.examples_per_request
        decks = settings.decks
        userTemplate = try text("user.md")
        repairTemplate = try text("repair.md")
        guard userTemplate.contains("{{post}}") else {
            throw PromptFault("\(place)/user.md has no {{post}}: write it where the post belongs.")
        }
        var system = try text("system.md")
        for (name, labels) in [
            ("sentiment", settings.sentiment), ("topic", settings.topic), ("entities", settings.entities),
        ] {
            let list = labels.sorted { $0.key < $1.key }.map { "   - \"\($0.key)\": \($0.value)" }
            system = system.replacingOccurrences(of: "{{\(name)}}", with: list.joined(separator: "\n"))
        }
        self.system = system
        examples = try Self.examples(try text("examples.jsonl"), taxonomy: taxonomy, place: place)
        var bytes: [UInt8] = []
        for file in Self.files {
            bytes += Array(file.utf8) + [0]
            bytes += Array(contents[file] ?? Data()) + [0]
        }
        version = "\(settings.name)-\(settings.version)+\(SHA256.hexadecimal(bytes).prefix(12))"
    }

    private static func examples(
        _ text: String, taxonomy: AnswerTaxonomy, place: String
    ) throws(PromptFault) -> [Example] {
        struct Row: Decodable {
            let post: String
            let style: String
        }
        var examples: [Example] = []
        for (number, line) in zip(1..., text.split(separator: "\n", omittingEmptySubsequences: false)) {
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            let where_ = "\(place)/examples.jsonl line \(number)"
            guard let row = try? JSONDecoder().decode(Row.self, from: Data(line.utf8)),
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let given = object["answer"] as? [String: Any],
                case .success(let answer) = TeacherAnswer.read(given)
            else {
                throw PromptFault("\(where_) is no object of post, style and answer: compare it with a built-in one.")
            }
            if let fault = taxonomy.fault(of: answer) { throw PromptFault("\(where_): \(fault).") }
            guard case .success = EntityPlacement.place(answer.entities, in: row.post) else {
                throw PromptFault("\(where_) names an entity that is not in its post: a teacher would learn to invent.")
            }
            examples.append(Example(post: row.post, style: row.style, answer: answer))
        }
        return examples
    }

    package func user(_ post: String) -> String { userTemplate.replacingOccurrences(of: "{{post}}", with: post) }

    package func repair(_ fault: String) -> String {
        repairTemplate.replacingOccurrences(of: "{{fault}}", with: fault)
    }
}
