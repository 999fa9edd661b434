// An OpenAI-compatible endpoint that does what a script says, faults included, over plain sockets: a server library would not cut
// answers short or reset connections. A thread for each connection; counts what it answered whole.
import Foundation
import Synchronization

/// `@unchecked Sendable` is safe: all mutable state is in `state`, a Mutex; the rest never changes after `init`.
final class ScriptedTeacher: @unchecked Sendable {
    struct Request: Sendable {
        /// Counts all requests from 1.
        let number: Int
        /// What stands between the post marks of the last user message; all of it where there are none.
        let post: String
        /// How often this post was asked about before.
        let earlier: Int
        let messages: Int
        let body: Data
        let authorization: String?
    }

    enum Reply: Sendable {
        /// A whole chat completion with this content.
        case answer(String)
        case status(Int, headers: [String: String] = [:], body: String = "{}")
        /// The same as `answer`, after some time; the wait ends early where the client goes away.
        case late(milliseconds: Int32, String)
        /// Half of the announced bytes, then the end of the connection.
        case truncated(String)
        /// No byte of an answer, and a reset.
        case reset
        /// These bytes and nothing else.
        case raw(Data)
    }

    private struct State: Sendable {
        var requests = 0
        var asked: [String: Int] = [:]
        var answered: [String: Int] = [:]
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())
    private let script: @Sendable (Request) -> Reply
    /// Called when a whole answer was sent.
    private let afterAnswer: @Sendable (Int) -> Void

    struct Failure: Error {}

    init(
        afterAnswer: @escaping @Sendable (Int) -> Void = { _ in }, script: @escaping @Sendable (Request) -> Reply
    ) throws {
        self.script = script
        self.afterAnswer = afterAnswer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 512) == 0 && getsockname(listener, generic, &length) == 0
            }
        }
        guard isBound else { throw Failure() }
        port = UInt16(bigEndian: address.sin_port)
        start("teacher") { $0.accept() }
    }

    /// From now on connections are refused. The thread that accepts closes the socket: closed here, its number could become
    /// another teacher's socket while that thread still accepts from it.
    func stop() { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    var baseURL: String { "http://127.0.0.1:\(port)/v1" }
    var requests: Int { state.withLock(\.requests) }
    var answered: [String: Int] { state.withLock(\.answered) }

    private func start(_ name: String, _ body: @escaping @Sendable (ScriptedTeacher) -> Void) {
        let thread = Thread { body(self) }
        thread.name = name
        thread.start()
    }

    private func accept() {
        defer { _ = close(listener) }
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            start("teacher-connection") { $0.serve(connection) }
        }
    }

    // MARK: One connection

    private func serve(_ connection: Int32) {
        defer { _ = close(connection) }
        var received: [UInt8] = []
        while let (head, body) = readRequest(connection, &received) {
            let request = note(head, body)
            guard reply(script(request), to: request, connection) else { return }
        }
    }

    private func note(_ head: String, _ body: Data) -> Request {
        let object = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
        let messages = object?["messages"] as? [[String: Any]] ?? []
        let last = messages.last?["content"] as? String ?? ""
        let post = last.components(separatedBy: "<post>\n").last?.components(separatedBy: "\n</post>").first ?? last
        let authorization = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("authorization:") }
        return state.withLock { state in
            state.requests += 1
            let earlier = state.asked[post] ?? 0
            state.asked[post] = earlier + 1
            return Request(
                number: state.requests, post: post, earlier: earlier, messages: messages.count, body: body,
                authorization: authorization.map { $0.dropFirst(14).trimmingCharacters(in: .whitespaces) })
        }
    }

    /// False where the connection is over.
    private func reply(_ reply: Reply, to request: Request, _ connection: Int32) -> Bool {
        switch reply {
        case .answer(let content):
            return answer(content, request, connection)
        case .late(let milliseconds, let content):
            var wait = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            _ = poll(&wait, 1, milliseconds)
            return answer(content, request, connection)
        case .status(let status, let headers, let body):
            let lines = headers.map { "\($0): \($1)\r\n" }.joined()
            return send(connection, Self.head(status, length: body.utf8.count, more: lines) + Data(body.utf8))
        case .truncated(let content):
            let body = Self.completion(content)
            _ = send(connection, Self.head(200, length: body.count) + body.prefix(body.count / 2))
            return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return false
        case .raw(let bytes):
            _ = send(connection, bytes)
            return false
        }
    }

    private func answer(_ content: String, _ request: Request, _ connection: Int32) -> Bool {
        let body = Self.completion(content)
        guard send(connection, Self.head(200, length: body.count) + body) else { return false }
        let all = state.withLock { state in
            state.answered[request.post, default: 0] += 1
            return state.answered.values.reduce(0, +)
        }
        afterAnswer(all)
        return true
    }

    static func completion(_ content: String) -> Data {
        let object: [String: Any] = [
            "id": "c", "object": "chat.completion", "model": "scripted-1",
            "choices": [["index": 0, "finish_reason": "stop", "message": ["role": "assistant", "content": content]]],
            "usage": ["prompt_tokens": 700, "completion_tokens": 60, "total_tokens": 760],
        ]
        return (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
    }

    static func head(_ status: Int, length: Int, more: String = "") -> Data {
        Data("HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\(more)\r\n".utf8)
    }

    private func send(_ connection: Int32, _ data: Data) -> Bool {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 {
                if count < 0, errno == EINTR { continue }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func readRequest(_ connection: Int32, _ received: inout [UInt8]) -> (head: String, body: Data)? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let blank = received.firstRange(of: end) {
                let head = String(decoding: received[..<blank.lowerBound], as: UTF8.self)
                let line = head.lowercased().components(separatedBy: "content-length:").dropFirst().first
                let length = line.flatMap { Int($0.prefix { $0 != "\r\n" && $0 != "\r" }.trimmingCharacters(in: .whitespaces)) } ?? 0
                if received.count >= blank.upperBound + length {
                    let body = Data(received[blank.upperBound..<blank.upperBound + length])
                    received.removeFirst(blank.upperBound + length)
                    return (head, body)
                }
            }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(connection, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            received += chunk[..<count]
        }
    }
}
