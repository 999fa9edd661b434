// Sends one request over HTTP and brings back the whole answer, or why there is none. Bounds time and size, follows no redirection
// (the key would go along), keeps nothing between requests but connections. libcurl blocks: each connection has its own thread.
package import Foundation

package struct HTTPAnswer: Sendable, Equatable {
    package let status: Int
    package let retryAfter: String?
    package let body: Data
    package init(status: Int, retryAfter: String? = nil, body: Data) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// Why there is no whole answer.
package enum TransportFault: Error, Sendable, Equatable {
    case timedOut
    /// More than is read of any answer.
    case tooLarge
    /// No connection, or it ended before the answer did: libcurl's code.
    case connection(code: Int)
}

package final class ChatTransport: Sendable {
    /// A long answer has some kilobytes.
    package static let largestBody = 4 << 20

    private let jobs = JobQueue()

    /// - Parameters:
    ///   - url: of the endpoint's chat completions.
    ///   - authorization: the whole header's value; nil where the endpoint asks for none.
    ///   - timeout: from sending to the last byte of the answer.
    ///   - connections: requests at once; more wait their turn.
    package init(url: URL, authorization: String?, timeout: Duration, connections: Int) {
        let jobs = jobs
        let address = url.absoluteString
        for number in 0..<connections {
            let thread = Thread {
                guard let connection = CurlConnection.open(url: address, authorization: authorization, timeout: timeout) else {
                    while let job = jobs.next() { job.continuation.resume(returning: .failure(.connection(code: -1))) }
                    return
                }
                while let job = jobs.next() { job.continuation.resume(returning: connection.send(job.body)) }
            }
            thread.name = "teacher-\(number)"
            thread.start()
        }
    }

    deinit { jobs.close() }

    package func send(_ body: Data) async throws(TransportFault) -> HTTPAnswer {
        let result = await withCheckedContinuation { jobs.add(JobQueue.Job(body: body, continuation: $0)) }
        return try result.get()
    }
}

/// Requests on their way to a thread. Bounded by the callers, each of which waits for its one request.
/// Sendable by `condition`: all state is read and written under its lock only.
private final class JobQueue: @unchecked Sendable {
    struct Job {
        let body: Data
        let continuation: CheckedContinuation<Result<HTTPAnswer, TransportFault>, Never>
    }

    private let condition = NSCondition()
    private var waiting: [Job] = []
    private var isClosed = false

    func add(_ job: Job) {
        condition.lock()
        waiting.append(job)
        condition.signal()
        condition.unlock()
    }

    /// Blocks until there is one; nil once the queue is closed.
    func next() -> Job? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty, !isClosed { condition.wait() }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
