// Sends one request over HTTP and brings back the whole answer, or why there is none. Bounds time and size, follows no
// redirection (the key would go along), keeps nothing between requests but connections.
package import Foundation
internal import FoundationNetworking
internal import Synchronization

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
    /// No connection, or it ended before the answer did: URLError's code.
    case connection(code: Int)
    case cancelled
}

package final class ChatTransport: Sendable {
    /// A long answer has some kilobytes.
    package static let largestBody = 4 << 20

    private let url: URL
    private let authorization: String?
    private let timeout: Duration
    private let exchanges = ExchangeTable()
    private let session: URLSession

    /// - Parameters:
    ///   - url: of the endpoint's chat completions.
    ///   - authorization: the whole header; nil where the endpoint asks for none.
    ///   - timeout: from sending to the last byte of the answer.
    package init(url: URL, authorization: String?, timeout: Duration, connections: Int) {
        self.url = url
        self.authorization = authorization
        self.timeout = timeout
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = connections
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit { session.invalidateAndCancel() }

    package func send(_ body: Data) async throws(TransportFault) -> HTTPAnswer {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = body
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
        // Ours comes first; this one only says that the library's own minute does not hold.
        request.timeoutInterval = TimeInterval(timeout.components.seconds) + 30
        let task = session.dataTask(with: request)
        let exchanges = exchanges
        let identifier = task.taskIdentifier
        let timer = Task { [timeout] in
            try await Task.sleep(for: timeout)
            exchanges.end(identifier, .failure(.timedOut))
            task.cancel()
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchanges.begin(identifier, continuation)
                task.resume()
            }
        } onCancel: {
            exchanges.end(identifier, .failure(.cancelled))
            task.cancel()
        }
        return try result.get()
    }
}

/// The requests under way, by the session's number for them. Each continuation is resumed once: by whoever removes it.
/// Sendable: all state is in the Mutex.
private final class ExchangeTable: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    typealias Outcome = Result<HTTPAnswer, TransportFault>

    private struct Exchange {
        let continuation: CheckedContinuation<Outcome, Never>
        var body = Data()
    }

    private struct State {
        var exchanges: [Int: Exchange] = [:]
        /// Ended before they began: cancelled, or out of time.
        var endedEarly: [Int: Outcome] = [:]
    }

    private let state = Mutex(State())

    func begin(_ identifier: Int, _ continuation: CheckedContinuation<Outcome, Never>) {
        let early = state.withLock { state in
            let early = state.endedEarly.removeValue(forKey: identifier)
            if early == nil { state.exchanges[identifier] = Exchange(continuation: continuation) }
            return early
        }
        if let early { continuation.resume(returning: early) }
    }

    func end(_ identifier: Int, _ outcome: Outcome) {
        let exchange = state.withLock { state in
            let exchange = state.exchanges.removeValue(forKey: identifier)
            if exchange == nil, case .failure(.cancelled) = outcome { state.endedEarly[identifier] = outcome }
            return exchange
        }
        exchange?.continuation.resume(returning: outcome)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let size = state.withLock { state -> Int in
            state.exchanges[dataTask.taskIdentifier]?.body.append(data)
            return state.exchanges[dataTask.taskIdentifier]?.body.count ?? 0
        }
        if size > ChatTransport.largestBody {
            end(dataTask.taskIdentifier, .failure(.tooLarge))
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let identifier = task.taskIdentifier
        if let error {
            end(identifier, .failure(.connection(code: (error as? URLError)?.errorCode ?? (error as NSError).code)))
            return
        }
        guard let response = task.response as? HTTPURLResponse else {
            end(identifier, .failure(.connection(code: URLError.badServerResponse.rawValue)))
            return
        }
        let body = state.withLock { $0.exchanges[identifier]?.body ?? Data() }
        let retryAfter = response.value(forHTTPHeaderField: "Retry-After")
        end(identifier, .success(HTTPAnswer(status: response.statusCode, retryAfter: retryAfter, body: body)))
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
