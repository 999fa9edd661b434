// The HTTP client against an endpoint that misbehaves: nothing is taken for an answer that is not a whole one, and nothing hangs.
import Foundation
import HTTPRequests
import Testing

@testable import Distillation

@Suite(.serialized) struct TransportTests {
    private func send(
        _ reply: ScriptedTeacher.Reply, timeout: Duration = .seconds(20), key: String? = nil,
        check: @escaping @Sendable (ScriptedTeacher.Request) -> Void = { _ in }
    ) async throws -> Result<HTTPAnswer, TransportFault> {
        let teacher = try ScriptedTeacher { request in
            check(request)
            return reply
        }
        defer { teacher.stop() }
        let url = try #require(URL(string: teacher.baseURL + "/chat/completions"))
        let transport = ChatTransport(url: url, authorization: key, timeout: timeout, connections: 2)
        do throws(TransportFault) { return .success(try await transport.send(Data("{}".utf8))) } catch { return .failure(error) }
    }

    @Test func wholeAnswersArrive() async throws {
        let result = try await send(.answer("hello"), key: "Bearer k") { #expect($0.authorization == "Bearer k") }
        let answer = try result.get()
        #expect(answer.status == 200)
        #expect(ChatAnswer(body: answer.body)?.content == "hello")
        let limited = try await send(.status(429, headers: ["Retry-After": "3"], body: "x")).get()
        #expect(limited == HTTPAnswer(status: 429, retryAfter: "3", body: Data("x".utf8)))
    }

    @Test func cutAnswersAreNone() async throws {
        for reply in [ScriptedTeacher.Reply.truncated("hello"), .reset, .raw(Data()), .raw(Data("HTTP/1.1 200 OK\r\n".utf8))] {
            let result = try await send(reply)
            guard case .failure(.connection) = result else {
                Issue.record("\(reply) gave \(result)")
                continue
            }
        }
    }

    @Test func slowAnswersEndInTime() async throws {
        let started = ContinuousClock.now
        let result = try await send(.late(milliseconds: 30_000, "late"), timeout: .milliseconds(300))
        #expect(result == .failure(.timedOut))
        #expect(ContinuousClock.now - started < .seconds(15))
    }

    @Test func hostileAnswersAreBounded() async throws {
        let spaces = Data(repeating: 0x20, count: ChatTransport.largestBody + (1 << 20))
        let endless = ScriptedTeacher.head(200, length: 64 << 20) + spaces
        #expect(try await send(.raw(endless)) == .failure(.tooLarge))
        for bytes in ["no HTTP at all\r\n\r\n", "HTTP/1.1 999999 X\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"] {
            if case .success(let answer) = try await send(.raw(Data(bytes.utf8)), timeout: .seconds(3)) {
                #expect(ChatAnswer(body: answer.body) == nil)
            }
        }
    }

    /// The key must not travel to wherever an answer points.
    @Test func redirectionsAreNotFollowed() async throws {
        let other = try ScriptedTeacher { _ in .answer("stolen") }
        defer { other.stop() }
        let result = try await send(.status(307, headers: ["Location": other.baseURL + "/chat/completions"]), key: "Bearer k")
        if case .success(let answer) = result { #expect(answer.status == 307) }
        #expect(other.requests == 0)
    }

    @Test func nobodyListensIsAFault() async throws {
        let teacher = try ScriptedTeacher { _ in .reset }
        teacher.stop()
        let url = try #require(URL(string: teacher.baseURL + "/chat/completions"))
        let transport = ChatTransport(url: url, authorization: nil, timeout: .seconds(10), connections: 1)
        do throws(TransportFault) {
            _ = try await transport.send(Data())
            Issue.record("nobody answers")
        } catch {
            guard case .connection = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
