// One HTTP request and its answer, within a time and a size. The caller's thread waits: it belongs to a worker and not to the
// cooperative pool. Redirects are not followed: they could carry the credentials elsewhere.
internal import HTTPRequests

/// Why there is no answer; never holds what was sent.
struct TransportFailure: Error, Sendable {
    let sentence: String
}

struct RegistryTransport: Sendable {
    private static let largestAnswer = 8 << 20

    private let timeout: Duration
    private let stop = RequestStop()

    init(timeout: Duration) { self.timeout = timeout }

    /// Ends what is under way; nothing can be asked afterwards.
    func close() { stop.set() }

    /// A connection for each request: a schema is asked for once, so that few requests follow each other.
    func answer(to request: RegistryRequest) throws(TransportFailure) -> HTTPAnswer {
        if stop.isSet { throw TransportFailure(sentence: "the request was broken off") }
        let connection = CurlConnection.open(
            url: request.url, headers: request.headers, timeout: timeout, largestBody: Self.largestAnswer, stop: stop)
        guard let connection else { throw TransportFailure(sentence: "libcurl does not take its address") }
        switch connection.get() {
        case .success(let answer): return answer
        case .failure(.tooLarge): throw TransportFailure(sentence: "the answer is larger than \(Self.largestAnswer) bytes")
        case .failure(let fault): throw TransportFailure(sentence: fault.sentence)
        }
    }
}
