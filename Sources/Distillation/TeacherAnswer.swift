// A teacher's answer in the fixed form, and how it is found in what a model wrote: behind a preamble, in a code fence,
// after thinking aloud, with a comma too many. Bounded, and never more than one pass over the text for each try.
internal import Foundation

package struct TeacherAnswer: Sendable, Equatable {
    package struct Entity: Sendable, Hashable {
        package let type: String
        package let text: String
        package init(type: String, text: String) {
            self.type = type
            self.text = text
        }
    }

    package let sentiment: String
    package let topic: String
    package let entities: [Entity]
    /// Quotes from the post that carry the sentiment.
    package let evidence: [String]
    package let rationale: String
    package let isHarmful: Bool

    package init(
        sentiment: String, topic: String, entities: [Entity] = [], evidence: [String] = [], rationale: String,
        isHarmful: Bool = false
    ) {
        self.sentiment = sentiment
        self.topic = topic
        self.entities = entities
        self.evidence = evidence
        self.rationale = rationale
        self.isHarmful = isHarmful
    }

    /// Why an answer has not the form; for the teacher's second try, so it quotes nothing of the answer.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    /// More than these is no answer about a short post.
    static let mostEntities = 50
    static let mostEvidence = 20
    static let longestRationale = 1_000

    /// As the prompts show it to the teacher: one line, fields in the order of the form.
    package var json: String {
        func quoted(_ text: String) -> String { String(decoding: JSONValue.text(text).data, as: UTF8.self) }
        let entities = entities.map { "{\"type\":\(quoted($0.type)),\"text\":\(quoted($0.text))}" }
        return "{\"sentiment\":\(quoted(sentiment)),\"topic\":\(quoted(topic)),"
            + "\"entities\":[\(entities.joined(separator: ","))],"
            + "\"evidence\":[\(evidence.map(quoted).joined(separator: ","))],\"rationale\":\(quoted(rationale)),"
            + "\"harmful\":\(isHarmful)}"
    }

    /// Finds the last object in `content` that has the form. The fault is that of the best try.
    package static func parse(_ content: String) -> Result<TeacherAnswer, Fault> {
        var text = Substring(content)
        if let end = content.range(of: "</think>", options: .backwards) { text = content[end.upperBound...] }
        var fault = Fault("it holds no JSON object")
        for candidate in JSONObjects.topLevel(Array(text.utf8)).reversed() {
            guard let object = JSONObjects.read(candidate) else {
                if fault.description == "it holds no JSON object" { fault = Fault("its JSON cannot be read") }
                continue
            }
            switch read(object) {
            case .success(let answer): return .success(answer)
            case .failure(let found): fault = found
            }
        }
        return .failure(fault)
    }

    /// Reads an object of the form; unknown fields are ignored, `entities`, `evidence` and `harmful` may be missing.
    static func read(_ object: [String: Any]) -> Result<TeacherAnswer, Fault> {
        let fields = Dictionary(object.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        func label(_ name: String) -> String? {
            (fields[name] as? String)?.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        }
        guard let sentiment = label("sentiment"), !sentiment.isEmpty else {
            return .failure(Fault("the field sentiment is missing or no text"))
        }
        guard let topic = label("topic"), !topic.isEmpty else {
            return .failure(Fault("the field topic is missing or no text"))
        }
        let rationale = (fields["rationale"] as? String)?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !rationale.isEmpty, rationale.utf8.count <= longestRationale else {
            return .failure(Fault("the field rationale is missing, no text, or longer than a sentence"))
        }
        guard let entities = readEntities(fields["entities"]) else {
            return .failure(Fault("the field entities is no list of objects with type and text, or too long"))
        }
        guard let evidence = readEvidence(fields["evidence"]) else {
            return .failure(Fault("the field evidence is no list of texts, or too long"))
        }
        return .success(
            TeacherAnswer(
                sentiment: sentiment, topic: topic, entities: entities, evidence: evidence, rationale: rationale,
                isHarmful: fields["harmful"] as? Bool ?? false))
    }

    private static func readEntities(_ value: Any?) -> [Entity]? {
        guard let value, !(value is NSNull) else { return [] }
        guard let list = value as? [Any], list.count <= mostEntities else { return nil }
        var entities: [Entity] = []
        for element in list {
            guard let object = element as? [String: Any], let type = object["type"] as? String,
                let text = (object["text"] as? String)?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty
            else { return nil }
            let entity = Entity(type: type.trimmingCharacters(in: .whitespaces).lowercased(), text: text)
            if !entities.contains(entity) { entities.append(entity) }
        }
        return entities
    }

    private static func readEvidence(_ value: Any?) -> [String]? {
        guard let value, !(value is NSNull) else { return [] }
        if let text = value as? String { return text.isEmpty ? [] : [text] }
        guard let list = value as? [Any], list.count <= mostEvidence else { return nil }
        var evidence: [String] = []
        for element in list {
            guard let text = element as? String else { return nil }
            if !text.isEmpty { evidence.append(text) }
        }
        return evidence
    }
}

/// JSON objects inside other text.
enum JSONObjects {
    /// Bytes from each `{` outside of another object to the brace that closes it; quotes are respected. A brace that
    /// nothing closes begins no object.
    static func topLevel(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var depth = 0, start = 0, isInText = false, isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
            } else if byte == UInt8(ascii: "\""), depth > 0 {
                isInText = true
            } else if byte == UInt8(ascii: "{") {
                if depth == 0 { start = index }
                depth += 1
            } else if byte == UInt8(ascii: "}"), depth > 0 {
                depth -= 1
                if depth == 0 { found.append(bytes[start...index]) }
            }
        }
        return found
    }

    /// As it stands, or else without commas before a closing bracket.
    static func read(_ bytes: ArraySlice<UInt8>) -> [String: Any]? {
        if let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] { return object }
        return try? JSONSerialization.jsonObject(with: Data(withoutSpareCommas(bytes))) as? [String: Any]
    }

    private static func withoutSpareCommas(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        var isInText = false, isEscaped = false
        /// Where in `kept` a comma stands that only white space has followed.
        var comma: Int?
        for byte in bytes {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
            } else {
                switch byte {
                case UInt8(ascii: ","): comma = kept.count
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if let comma { kept[comma] = 0x20 }
                    comma = nil
                case 0x20, 0x09, 0x0A, 0x0D: break
                default:
                    comma = nil
                    isInText = byte == UInt8(ascii: "\"")
                }
            }
            kept.append(byte)
        }
        return kept
    }
}
