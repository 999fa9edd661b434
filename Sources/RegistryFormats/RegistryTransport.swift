// One HTTP request and its answer, within a time and a size. The caller's thread waits: it belongs to a worker and not to the
// cooperative pool. Redirects are not followed: they could carry the credentials elsewhere.
internal import Dispatch
internal import Foundation
#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif
internal import Synchronization

struct HTTPAnswer: Sendable {
    let status: Int
    let body: Data
}

/// Why there is no answer; never holds what was sent.
struct TransportFailure: Error, Sendable {
    let sentence: String
}

final class RegistryTransport: Sendable {
    private static let largestAnswer = 8 << 20

    private let session: URLSession
    private let collector = AnswerCollector(limit: largestAnswer)

    init(timeout: Duration) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout / .seconds(1)
        configuration.timeoutIntervalForResource = 2 * (timeout / .seconds(1))
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        session = URLSession(configuration: configuration, delegate: collector, delegateQueue: nil)
    }

    /// Ends what is under way; nothing can be asked afterwards.
    func close() { session.invalidateAndCancel() }

    func answer(to request: URLRequest) throws(TransportFailure) -> HTTPAnswer {
        let task = session.dataTask(with: request)
        let arrival = collector.expect(task.taskIdentifier)
        task.resume()
        // The session's own timeouts end every task; this one is the net beneath them.
        if arrival.ended.wait(timeout: .now() + 3 * request.timeoutInterval + 5) == .timedOut { task.cancel() }
        return try collector.take(task.taskIdentifier).get()
    }
}

/// Gathers the answers of running tasks, called from the session's own queue.
private final class AnswerCollector: NSObject, URLSessionDataDelegate, Sendable {
    struct Arrival: Sendable {
        let ended = DispatchSemaphore(value: 0)
        var status: Int?
        var body = Data()
        var failure: TransportFailure?
    }

    private let limit: Int
    private let arrivals = Mutex<[Int: Arrival]>([:])

    init(limit: Int) { self.limit = limit }

    func expect(_ task: Int) -> Arrival {
        let arrival = Arrival()
        arrivals.withLock { $0[task] = arrival }
        return arrival
    }

    func take(_ task: Int) -> Result<HTTPAnswer, TransportFailure> {
        let arrival = arrivals.withLock { $0.removeValue(forKey: task) }
        if let failure = arrival?.failure { return .failure(failure) }
        guard let arrival, let status = arrival.status else {
            return .failure(TransportFailure(sentence: "there was no answer in time"))
        }
        return .success(HTTPAnswer(status: status, body: arrival.body))
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode
        arrivals.withLock { $0[dataTask.taskIdentifier]?.status = status }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = arrivals.withLock { arrivals in
            arrivals[dataTask.taskIdentifier]?.body.append(data)
            guard let count = arrivals[dataTask.taskIdentifier]?.body.count, count > limit else { return false }
            arrivals[dataTask.taskIdentifier]?.failure = TransportFailure(sentence: "the answer is larger than \(limit) bytes")
            return true
        }
        if isTooLarge { dataTask.cancel() }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        arrivals.withLock { $0[task.taskIdentifier]?.status = response.statusCode }
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let ended = arrivals.withLock { arrivals in
            if let error, arrivals[task.taskIdentifier]?.failure == nil {
                arrivals[task.taskIdentifier]?.failure = Self.failure(error)
            }
            return arrivals[task.taskIdentifier]?.ended
        }
        ended?.signal()
    }

    /// The library's own descriptions can quote the request; its codes cannot.
    private static func failure(_ error: any Error) -> TransportFailure {
        let code = (error as? URLError)?.code ?? .unknown
        let sentence =
            switch code {
            case .timedOut: "there was no answer in time"
            case .cannotConnectToHost: "nobody accepts connections there"
            case .cannotFindHost, .dnsLookupFailed: "its name is not known"
            case .networkConnectionLost: "the connection broke off"
            case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
                .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
                "its certificate is not accepted"
            case .cancelled: "the request was broken off"
            default: "the request failed (URL error \(code.rawValue))"
            }
        return TransportFailure(sentence: sentence)
    }
}
