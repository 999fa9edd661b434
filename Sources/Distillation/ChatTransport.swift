// Sends requests to the teacher's endpoint, several at once, and brings back each whole answer, or why there is none. Keeps nothing
// between requests but connections. Those block: each has its own thread.
package import Foundation
package import HTTPRequests

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
        // An empty Expect: libcurl would ask for leave before long bodies, and some servers never give it.
        var lines = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
        if let authorization { lines.append("Authorization: \(authorization)") }
        let headers = lines
        for number in 0..<connections {
            let thread = Thread {
                let opened = CurlConnection.open(
                    url: address, headers: headers, timeout: timeout, largestBody: Self.largestBody)
                guard let connection = opened else {
                    while let job = jobs.next() { job.continuation.resume(returning: .failure(.connection(code: -1))) }
                    return
                }
                while let job = jobs.next() { job.continuation.resume(returning: connection.post(job.body)) }
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
