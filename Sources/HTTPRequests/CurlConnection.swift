// One easy handle of libcurl: blocking requests, one after another, over a connection that is kept where the server lets it. Bounds
// time and size and follows no redirection (credentials would go along). Made, used and freed on one thread.
internal import CCurl
package import Foundation

package struct CurlConnection: ~Copyable {
    /// libcurl wants this once, before any thread uses it.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    private static let connectSeconds = 15
    /// The authorities of one's own, in a file. What programs over OpenSSL go by; libcurl does not look at it by itself.
    private static let authorities = ProcessInfo.processInfo.environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }

    private let handle: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let largestBody: Int
    private let stop: RequestStop?

    private init(
        handle: UnsafeMutableRawPointer, headers: UnsafeMutablePointer<curl_slist>?, largestBody: Int, stop: RequestStop?
    ) {
        self.handle = handle
        self.headers = headers
        self.largestBody = largestBody
        self.stop = stop
    }

    /// - Parameters:
    ///   - url: http or https.
    ///   - headers: whole lines, `Name: value`.
    ///   - timeout: from sending to the last byte of the answer.
    ///   - largestBody: bytes; an answer of more is a fault.
    ///   - stop: ends a request that is under way.
    /// - Returns: nil where libcurl has no memory or does not take the address.
    package static func open(
        url: String, headers: [String], timeout: Duration, largestBody: Int, stop: RequestStop? = nil
    ) -> CurlConnection? {
        guard isReady, let handle = curl_easy_init() else { return nil }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in headers { list = curl_slist_append(list, line) ?? list }
        // From here on it owns both.
        let connection = CurlConnection(handle: handle, headers: list, largestBody: largestBody, stop: stop)
        let milliseconds = Int(timeout / .milliseconds(1))
        let settings: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_TIMEOUT_MS, milliseconds), (CURLOPT_CONNECTTIMEOUT, connectSeconds),
            (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NOPROGRESS, stop == nil ? 1 : 0),
        ]
        for (option, value) in settings { _ = winnow_curl_set_long(handle, option, value) }
        _ = winnow_curl_set_text(handle, CURLOPT_USERAGENT, "winnow")
        _ = winnow_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, "")
        if let authorities { _ = winnow_curl_set_text(handle, CURLOPT_CAINFO, authorities) }
        _ = winnow_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        _ = winnow_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, receiveBody)
        _ = winnow_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        _ = winnow_curl_set_progress(handle, CURLOPT_XFERINFOFUNCTION, isStopped)
        guard winnow_curl_set_text(handle, CURLOPT_URL, url) == CURLE_OK else { return nil }
        return connection
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
    }

    /// Sends a GET. Blocks until the answer is whole or there will be none.
    package func get() -> Result<HTTPAnswer, TransportFault> {
        _ = winnow_curl_set_long(handle, CURLOPT_HTTPGET, 1)
        return perform()
    }

    /// Sends the body as a POST. Blocks until the answer is whole or there will be none.
    package func post(_ body: Data) -> Result<HTTPAnswer, TransportFault> {
        body.withUnsafeBytes { bytes in
            _ = winnow_curl_set_long(handle, CURLOPT_POST, 1)
            _ = winnow_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, bytes.count)
            _ = winnow_curl_set_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return perform()
        }
    }

    private func perform() -> Result<HTTPAnswer, TransportFault> {
        let answer = ReceivedAnswer(largestBody: largestBody, stop: stop)
        let code = withExtendedLifetime(answer) {
            // Borrowed by libcurl until perform returns; `answer` outlives that.
            let context = Unmanaged.passUnretained(answer).toOpaque()
            for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA] {
                _ = winnow_curl_set_pointer(handle, option, context)
            }
            return curl_easy_perform(handle)
        }
        if answer.isTooLarge { return .failure(.tooLarge) }
        if code == CURLE_OPERATION_TIMEDOUT { return .failure(.timedOut) }
        var status = 0
        guard code == CURLE_OK, winnow_curl_status(handle, &status) == CURLE_OK else {
            return .failure(.connection(code: Int(code.rawValue)))
        }
        // libcurl takes a header that the connection's end cuts for an answer without a body.
        guard answer.isHeaderWhole else { return .failure(.connection(code: Int(CURLE_RECV_ERROR.rawValue))) }
        return .success(HTTPAnswer(status: status, retryAfter: answer.retryAfter, body: answer.body))
    }
}

/// What libcurl hands over while it runs; touched by the thread that runs it only.
private final class ReceivedAnswer {
    let largestBody: Int
    let stop: RequestStop?
    var body = Data()
    var isTooLarge = false
    /// Its last line, an empty one, has come.
    var isHeaderWhole = false
    var retryAfter: String?

    init(largestBody: Int, stop: RequestStop?) {
        self.largestBody = largestBody
        self.stop = stop
    }

    static func from(_ context: UnsafeMutableRawPointer) -> ReceivedAnswer {
        Unmanaged<ReceivedAnswer>.fromOpaque(context).takeUnretainedValue()
    }
}

/// - Returns: the bytes taken; fewer than were given ends the request.
private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let answer = ReceivedAnswer.from(context)
    guard answer.body.count + size * count <= answer.largestBody else {
        answer.isTooLarge = true
        return 0
    }
    answer.body.append(UnsafeRawBufferPointer(start: bytes, count: size * count).bindMemory(to: UInt8.self))
    return size * count
}

/// Called with one line at a time, its end included.
private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let answer = ReceivedAnswer.from(context)
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
    if line == "\r\n" || line == "\n" {
        answer.isHeaderWhole = true
    } else if line.hasPrefix("HTTP/") {
        // The answer proper after an interim one (status 1xx).
        answer.isHeaderWhole = false
    } else if line.lowercased().hasPrefix("retry-after:") {
        answer.retryAfter = line.dropFirst("retry-after:".count).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return size * count
}

/// - Returns: other than 0 ends the request. libcurl asks about once a second, and whenever bytes come.
private func isStopped(
    _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    guard let context, let stop = ReceivedAnswer.from(context).stop else { return 0 }
    return stop.isSet ? 1 : 0
}
