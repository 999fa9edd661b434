// What a chat endpoint answered: the one choice, why it ended, what it cost. Read from the body of a response or from a line of
// a batch file.
package import Foundation

package struct ChatAnswer: Sendable, Equatable {
    package let content: String
    package let refusal: String?
    package let finishReason: String?
    /// The model as the endpoint names it.
    package let model: String?
    package let promptTokens: Int?
    package let completionTokens: Int?

    package init(
        content: String, refusal: String? = nil, finishReason: String? = "stop", model: String? = nil,
        promptTokens: Int? = nil, completionTokens: Int? = nil
    ) {
        self.content = content
        self.refusal = refusal
        self.finishReason = finishReason
        self.model = model
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }

    /// Nil where the body is no whole chat completion: cut off, another document, an error under status 200.
    package init?(body: Data) {
        guard let completion = try? JSONDecoder().decode(Completion.self, from: body) else { return nil }
        self.init(completion)
    }

    init?(_ completion: Completion) {
        guard let choice = completion.choices.first, let message = choice.message else { return nil }
        self.init(
            content: message.content?.text ?? "", refusal: message.refusal, finishReason: choice.finish_reason,
            model: completion.model, promptTokens: completion.usage?.prompt_tokens,
            completionTokens: completion.usage?.completion_tokens)
    }

    /// The part of a chat completion that is read.
    struct Completion: Decodable {
        struct Choice: Decodable {
            let message: Message?
            let finish_reason: String?
        }
        struct Message: Decodable {
            let content: Content?
            let refusal: String?
        }
        struct Usage: Decodable {
            let prompt_tokens: Int?
            let completion_tokens: Int?
        }
        /// A text, or a list of parts as some endpoints give it.
        struct Content: Decodable {
            let text: String
            private struct Part: Decodable { let text: String? }
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self.text = text
                } else {
                    text = try container.decode([Part].self).compactMap(\.text).joined()
                }
            }
        }
        let model: String?
        let choices: [Choice]
        let usage: Usage?
    }
}

/// What an endpoint says of an error, reduced to what may be shown: messages can quote posts and keys.
package struct EndpointComplaint: Sendable, Equatable {
    /// The error's code or type, of letters, digits, `_`, `.` and `-` only, at most 64 of them; nil where there is none.
    package let code: String?
    /// All of the error's text: to be looked through, never to be shown.
    package let text: String

    private static let longestText = 4_096

    package init(body: Data) {
        text = String(decoding: body.prefix(Self.longestText), as: UTF8.self)
        let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any]
        let error = object?["error"] as? [String: Any] ?? object
        let found = [error?["code"], error?["type"]].compactMap { $0 as? String }.first { Self.isPlain($0) }
        code = found
    }

    private static func isPlain(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || [95, 46, 45].contains(byte)
            }
    }
}
