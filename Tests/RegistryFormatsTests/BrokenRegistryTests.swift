// The registry that does not speak HTTP to its end, over plain sockets: a cut, a reset or a flood is an outage like any other. It
// neither ends the process nor passes for an answer.
import Foundation
import RegistryFormats
import StreamCore
import Synchronization
import Testing

/// Answers every request with the same bytes and closes; a thread for each connection.
/// `@unchecked Sendable` is safe: all mutable state is in `state`, a Mutex; the rest never changes after `init`.
private final class SocketRegistry: @unchecked Sendable {
    enum Reply: Sendable {
        case bytes(Data)
        /// No byte of an answer, and a reset.
        case reset
        /// No byte of an answer until the client goes away.
        case silence
    }

    struct Failure: Error {}

    private struct State: Sendable {
        var reply: Reply
        var requests = 0
        var departures = 0
    }

    let url: String
    private let listener: Int32
    private let state: Mutex<State>

    init(_ reply: Reply) throws {
        state = Mutex(State(reply: reply))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, generic, &length) == 0
            }
        }
        guard isBound else { throw Failure() }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread { [self] in accept() }.start()
    }

    var requests: Int { state.withLock { $0.requests } }
    /// Clients that went away during the silence.
    var departures: Int { state.withLock { $0.departures } }
    func become(_ reply: Reply) { state.withLock { $0.reply = reply } }

    /// The thread that accepts closes the socket: closed here, its number could become another server's while that thread
    /// still accepts from it.
    func stop() { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        defer { _ = close(listener) }
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection >= 0 {
                Thread { [self] in serve(connection) }.start()
            } else if errno != EINTR, errno != ECONNABORTED {
                return
            }
        }
    }

    private func serve(_ connection: Int32) {
        defer { _ = close(connection) }
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while received.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let count = recv(connection, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            received += chunk[..<count]
        }
        let reply = state.withLock { state in
            state.requests += 1
            return state.reply
        }
        switch reply {
        case .bytes(let data): send(connection, data)
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        case .silence:
            while recv(connection, &chunk, chunk.count, 0) > 0 || errno == EINTR { errno = 0 }
            state.withLock { $0.departures += 1 }
        }
    }

    private func send(_ connection: Int32, _ data: Data) {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func whole(_ body: Data) -> Reply {
        .bytes(Data("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n".utf8) + body)
    }
}

@Suite struct BrokenRegistryTests {
    private static let schema = Data(#"{"schema":"\"string\""}"#.utf8)
    /// "hi" with schema 7.
    private static let value: [UInt8] = [0, 0, 0, 0, 7, 4, 0x68, 0x69]

    /// A stream's one worker that reads one value, and what it was told meanwhile.
    private final class Reading: Sendable {
        private let result = Mutex<Result<[UInt8], UnreadablePayload>?>(nil)
        private let notices: NoticeLog
        let payloads: RegistryPayloads

        init(_ registry: SocketRegistry, timeout: Duration = .seconds(100)) {
            let notices = NoticeLog()
            self.notices = notices
            payloads = RegistryPayloads(
                RegistryConfiguration(
                    url: registry.url, credentials: .none, timeout: timeout,
                    retries: RetryPolicy(first: .milliseconds(10), last: .milliseconds(50)), cachedSchemas: 5)
            ) { notices.add($0) }
            Thread { [self] in
                let read = payloads.readNow(BrokenRegistryTests.value)
                result.withLock { $0 = read }
            }.start()
        }

        var outcome: Result<[UInt8], UnreadablePayload>? { result.withLock { $0 } }
        var reasons: [String] { notices.reasons }

        func end() async throws -> Result<[UInt8], UnreadablePayload> {
            try await BrokenRegistryTests.wait { self.outcome != nil }
            return try #require(outcome)
        }
    }

    private final class NoticeLog: Sendable {
        private let kept = Mutex<[String]>([])
        var reasons: [String] { kept.withLock { $0 } }

        func add(_ notice: RegistryNotice) {
            if case .waiting(_, let reason, _) = notice { kept.withLock { $0.append(reason) } }
        }
    }

    private static func wait(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "it did not come within two minutes")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// While it answers so, it is asked again; once it is well, the same record is read.
    private func isAnOutage(
        _ reply: SocketRegistry.Reply, timeout: Duration = .seconds(100), because sentence: String
    ) async throws {
        let registry = try SocketRegistry(reply)
        defer { registry.stop() }
        let reading = Reading(registry, timeout: timeout)
        try await Self.wait { reading.reasons.count >= 3 }
        #expect(reading.outcome == nil, "\(reply) was taken for an answer")
        #expect(reading.reasons.first?.contains(sentence) == true, "\(reading.reasons)")
        registry.become(SocketRegistry.whole(Self.schema))
        #expect(try await reading.end() == .success(Array("\"hi\"".utf8)))
    }

    @Test(arguments: [
        "", "HTTP/1.1", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Le",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 47\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"schema\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"sch\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
    ])
    func cutAnswersAreOutages(bytes: String) async throws {
        try await isAnOutage(.bytes(Data(bytes.utf8)), because: "the connection broke off")
    }

    @Test func resetsAreOutages() async throws { try await isAnOutage(.reset, because: "the connection broke off") }

    @Test func whatIsNoHTTPIsAnOutage() async throws {
        try await isAnOutage(.bytes(Data("220 mail ready\r\n".utf8)), because: "what it sends is not HTTP")
    }

    @Test func moreThanEightMebibytesAreAnOutage() async throws {
        let most = 8 << 20
        let padding = Data(repeating: 0x20, count: most - Self.schema.count)
        try await isAnOutage(SocketRegistry.whole(Self.schema + padding + Data(" ".utf8)), because: "larger than \(most) bytes")
        let registry = try SocketRegistry(SocketRegistry.whole(Self.schema + padding))
        defer { registry.stop() }
        #expect(try await Reading(registry).end() == .success(Array("\"hi\"".utf8)))
    }

    @Test func silenceIsAnOutageOnceItsTimeIsOver() async throws {
        try await isAnOutage(.silence, timeout: .milliseconds(300), because: "there was no answer in time")
    }

    /// A stop waits neither for the answer nor for the request's timeout.
    @Test func theEndBreaksOffWhatIsAsked() async throws {
        let registry = try SocketRegistry(.silence)
        defer { registry.stop() }
        // More than the test waits: only the stop can end it.
        let reading = Reading(registry, timeout: .seconds(300))
        try await Self.wait { registry.requests == 1 }
        reading.payloads.end()
        guard case .failure(let unreadable) = try await reading.end() else {
            Issue.record("it was read")
            return
        }
        #expect(unreadable.rejection.reason == .registryWaitEnded)
        #expect(reading.reasons.isEmpty, "a stop is no outage")
        try await Self.wait { registry.departures == 1 }
        guard case .failure(.unavailable) = await reading.payloads.types() else {
            Issue.record("it is asked after the end")
            return
        }
        #expect(registry.requests == 1)
    }
}
