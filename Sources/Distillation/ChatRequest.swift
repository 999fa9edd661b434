// One question to a chat endpoint: what is asked, its name in the cache, and its body in the dialect that the endpoint takes.
internal import Foundation
internal import ModelFiles

package struct ChatMessage: Sendable, Equatable {
    package enum Role: String, Sendable { case system, user, assistant }
    package let role: Role
    package let content: String
    package init(role: Role, content: String) {
        self.role = role
        self.content = content
    }
}

/// What decides an answer besides the messages.
package struct ChatParameters: Sendable, Equatable {
    package var model: String
    package var temperature: Double
    package var maximumTokens: Int
    package init(model: String, temperature: Double = 0, maximumTokens: Int = 400) {
        self.model = model
        self.temperature = temperature
        self.maximumTokens = maximumTokens
    }
}

package struct ChatRequest: Sendable, Equatable {
    /// SHA-256 over what decides the answer: the name of the answer in the cache and in batch files.
    package let key: String
    package let messages: [ChatMessage]
    package let parameters: ChatParameters
    /// Counts the samples of one post from 0.
    package let sample: Int
    /// What the prompt will cost, before the endpoint says so.
    package let estimatedPromptTokens: Int

    /// The first question about a post.
    package init(post: String, sample: Int, schedule: PromptSchedule, parameters: ChatParameters) {
        key = Self.hash([
            "ask", schedule.prompts.version, parameters.model, String(parameters.temperature),
            String(parameters.maximumTokens), String(sample), post,
        ])
        messages = schedule.messages(for: post)
        self.parameters = parameters
        self.sample = sample
        estimatedPromptTokens = TokenEstimate.tokens(messages)
    }

    /// The second and last try, after an answer that has not the form.
    package init(repairing answer: String, fault: String, of request: ChatRequest, prompts: PromptSet) {
        key = Self.hash(["repair", request.key, answer])
        messages = request.messages + [
            ChatMessage(role: .assistant, content: answer), ChatMessage(role: .user, content: prompts.repair(fault)),
        ]
        parameters = request.parameters
        sample = request.sample
        estimatedPromptTokens = TokenEstimate.tokens(messages)
    }

    private static func hash(_ parts: [String]) -> String {
        // A length before each part: no two lists give the same bytes.
        SHA256.hexadecimal(parts.flatMap { Array("\($0.utf8.count):".utf8) + Array($0.utf8) })
    }

    package func body(_ dialect: EndpointDialect, schema: JSONValue) -> JSONValue {
        var fields: [String: JSONValue] = [
            "model": .text(parameters.model),
            "messages": .array(
                messages.map { .object(["role": .text($0.role.rawValue), "content": .text($0.content)]) }),
            dialect.tokenField.rawValue: .integer(parameters.maximumTokens),
        ]
        if dialect.takesTemperature { fields["temperature"] = .number(parameters.temperature) }
        switch dialect.structure {
        case .schema:
            fields["response_format"] = .object([
                "type": .text("json_schema"),
                "json_schema": .object(["name": .text("post_labels"), "strict": .flag(true), "schema": schema]),
            ])
        case .schemaInObject:
            fields["response_format"] = .object(["type": .text("json_object"), "schema": schema])
        case .object: fields["response_format"] = .object(["type": .text("json_object")])
        case .off: break
        }
        // Endpoints that can be seeded answer the samples of one post differently, and each the same when asked again.
        if dialect.takesSeed { fields["seed"] = .integer(sample) }
        return .object(fields)
    }
}

/// What of the interface an endpoint takes. Begins with the most and gives up what the endpoint refuses.
package struct EndpointDialect: Sendable, Equatable {
    package enum Structure: String, Sendable, CaseIterable {
        /// OpenAI's `json_schema`.
        case schema
        /// llama-cpp-python's: a schema beside `json_object`.
        case schemaInObject = "schema-in-object"
        case object, off

        fileprivate var simpler: Structure? {
            switch self {
            case .schema: .schemaInObject
            case .schemaInObject: .object
            case .object: .off
            case .off: nil
            }
        }

        fileprivate static func isNamed(in complaint: String) -> Bool {
            ["response_format", "json_schema", "json_object", "grammar"].contains(where: complaint.contains)
        }
    }
    package enum TokenField: String, Sendable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }
    package var structure = Structure.schema
    package var tokenField = TokenField.maxTokens
    package var takesTemperature = true
    package var takesSeed = true

    package init(structure: Structure = .schema) { self.structure = structure }

    /// The dialect to try after a request was refused as wrong; nil where the refusal has another reason.
    package func simpler(after complaint: String) -> EndpointDialect? {
        let complaint = complaint.lowercased()
        var next = self
        if let simpler = structure.simpler, Structure.isNamed(in: complaint) {
            next.structure = simpler
        } else if tokenField == .maxTokens, complaint.contains("max_tokens") {
            next.tokenField = .maxCompletionTokens
        } else if takesTemperature, complaint.contains("temperature") {
            next.takesTemperature = false
        } else if takesSeed, complaint.contains("seed") {
            next.takesSeed = false
        } else {
            return nil
        }
        return next
    }

    /// The dialect to try after a server's fault: llama-cpp-python answers 500 to a form of `response_format` that it does not
    /// know. Nil for any other fault, which may be over at the next try.
    package func simpler(afterFault complaint: String) -> EndpointDialect? {
        guard let structure = structure.simpler, complaint.lowercased().contains("response_format") else { return nil }
        var next = self
        next.structure = structure
        return next
    }
}

/// Tokens of a text before any tokenizer of the teacher's is known: four letters of a Latin text to a token, one token for
/// any other sign, and four for the frame of a message. For budgets and estimates; the endpoint's own count replaces it.
package enum TokenEstimate {
    package static func tokens(_ text: String) -> Int {
        var ascii = 0, other = 0
        for scalar in text.unicodeScalars { if scalar.isASCII { ascii += 1 } else { other += 1 } }
        return (ascii + 3) / 4 + other
    }

    package static func tokens(_ messages: [ChatMessage]) -> Int { messages.reduce(3) { $0 + 4 + tokens($1.content) } }
}
