// The labels that an answer may use, and the JSON schema of the answer for endpoints that take one.

package struct AnswerTaxonomy: Sendable, Equatable {
    package let sentiment: [String]
    package let topic: [String]
    package let entities: [String]

    package init(sentiment: [String], topic: [String], entities: [String]) {
        self.sentiment = sentiment
        self.topic = topic
        self.entities = entities
    }

    /// What is outside, for a person and for the teacher's second try; nil where everything is inside. Quotes labels of
    /// the taxonomy only.
    package func fault(of answer: TeacherAnswer) -> String? {
        if !sentiment.contains(answer.sentiment) {
            return "the sentiment is none of \(sentiment.joined(separator: ", "))"
        }
        if !topic.contains(answer.topic) { return "the topic is none of \(topic.joined(separator: ", "))" }
        if answer.entities.contains(where: { !entities.contains($0.type) }) {
            return "an entity's type is none of \(entities.joined(separator: ", "))"
        }
        return nil
    }

    /// JSON schema of an answer, every field required and no others allowed, as strict endpoints ask for it.
    package var schema: JSONValue {
        func choice(_ labels: [String]) -> JSONValue {
            .object(["type": .text("string"), "enum": .array(labels.map { .text($0) })])
        }
        func object(_ fields: [String: JSONValue]) -> JSONValue {
            .object([
                "type": .text("object"), "additionalProperties": .flag(false),
                "required": .array(fields.keys.sorted().map { .text($0) }), "properties": .object(fields),
            ])
        }
        let text = JSONValue.object(["type": .text("string")])
        let entity = object(["type": choice(entities), "text": text])
        return object([
            "sentiment": choice(sentiment), "topic": choice(topic),
            "entities": .object(["type": .text("array"), "items": entity]),
            "evidence": .object(["type": .text("array"), "items": text]), "rationale": text,
            "harmful": .object(["type": .text("boolean")]),
        ])
    }
}
