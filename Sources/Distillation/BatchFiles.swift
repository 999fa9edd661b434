// Requests and answers as files, in the form of OpenAI's batch interface: one request a line out, one answer a line in, joined
// by `custom_id`, which is the request's key.
package import Foundation

package enum BatchFiles {
    package struct Intake: Sendable, Equatable {
        package var taken = 0
        /// Of requests that have their answer already.
        package var known = 0
        /// Whose `custom_id` is no open request of these posts, prompts and model.
        package var foreign = 0
        /// Errors and statuses other than 200: they stay open.
        package var failed = 0
        package var unreadable = 0
        package var usage = TokenUsage()
        package init() {}
    }

    private struct Line: Decodable {
        struct Response: Decodable {
            let status_code: Int?
            let body: Body?
        }
        /// A chat completion, or an error where the status says so.
        struct Body: Decodable {
            let completion: ChatAnswer.Completion?
            init(from decoder: any Decoder) throws { completion = try? ChatAnswer.Completion(from: decoder) }
        }
        let custom_id: String
        let response: Response?
    }

    /// One line, without its end.
    package static func line(_ request: ChatRequest, dialect: EndpointDialect, schema: JSONValue) -> Data {
        JSONValue.object([
            "custom_id": .text(request.key), "method": .text("POST"), "url": .text("/v1/chat/completions"),
            "body": request.body(dialect, schema: schema),
        ]).data
    }

    /// Reads one answer; nil where the line is none, an answer of nil where it is one of a failure.
    package static func read(_ line: Data) -> (key: String, answer: ChatAnswer?)? {
        guard let line = try? JSONDecoder().decode(Line.self, from: line) else { return nil }
        guard let response = line.response, (response.status_code ?? 200) == 200 else { return (line.custom_id, nil) }
        return (line.custom_id, response.body?.completion.flatMap { ChatAnswer($0) })
    }

    /// Takes the answers of a file into the log. Order and repeats do not matter.
    package static func take(_ lines: Data, open: [ChatRequest], into log: AnswerLog) async throws(AnswerLogFault) -> Intake {
        let requests = Dictionary(open.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var intake = Intake()
        for line in lines.split(separator: 0x0A) where !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            guard let (key, answer) = read(Data(line)) else {
                intake.unreadable += 1
                continue
            }
            if log.contains(key) {
                intake.known += 1
            } else if let request = requests[key] {
                guard let answer else {
                    intake.failed += 1
                    continue
                }
                let usage = TokenUsage(
                    prompt: answer.promptTokens ?? request.estimatedPromptTokens,
                    completion: answer.completionTokens ?? TokenEstimate.tokens(answer.content))
                try await log.finish(AnswerLogEntry(key: key, answer: answer, usage: usage))
                intake.taken += 1
                intake.usage = intake.usage + usage
            } else {
                intake.foreign += 1
            }
        }
        await log.flush()
        return intake
    }
}
