// One easy handle of libcurl: blocking requests, one after another, over a connection that is kept where the server lets it.
// Made, used and freed on one thread.
internal import CCurl
internal import Foundation

struct CurlConnection: ~Copyable {
    /// libcurl wants this once, before any thread uses it.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    private static let connectSeconds = 15

    private let handle: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?

    private init(handle: UnsafeMutableRawPointer, headers: UnsafeMutablePointer<curl_slist>?) {
        self.handle = handle
        self.headers = headers
    }

    /// Nil where libcurl has no memory or does not take the address.
    static func open(url: String, authorization: String?, timeout: Duration) -> CurlConnection? {
        guard isReady, let handle = curl_easy_init() else { return nil }
        // An empty Expect: libcurl would ask for leave before long bodies, and some servers never give it.
        var lines = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
        if let authorization { lines.append("Authorization: \(authorization)") }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) ?? list }
        // From here on it owns both.
        let connection = CurlConnection(handle: handle, headers: list)
        let milliseconds = Int(timeout / .milliseconds(1))
        let settings: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_TIMEOUT_MS, milliseconds), (CURLOPT_CONNECTTIMEOUT, connectSeconds),
            (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_POST, 1),
        ]
        for (option, value) in settings { _ = winnow_curl_set_long(handle, option, value) }
        _ = winnow_curl_set_text(handle, CURLOPT_USERAGENT, "winnow")
        _ = winnow_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, "")
        _ = winnow_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        _ = winnow_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, receiveBody)
        _ = winnow_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        guard winnow_curl_set_text(handle, CURLOPT_URL, url) == CURLE_OK else { return nil }
        return connection
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
    }

    /// Blocks until the answer is whole or there will be none.
    func send(_ body: Data) -> Result<HTTPAnswer, TransportFault> {
        let answer = ReceivedAnswer()
        let code = withExtendedLifetime(answer) {
            // Borrowed by libcurl until perform returns; `answer` outlives that.
            let context = Unmanaged.passUnretained(answer).toOpaque()
            _ = winnow_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
            _ = winnow_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
            return body.withUnsafeBytes { bytes in
                _ = winnow_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, bytes.count)
                _ = winnow_curl_set_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                return curl_easy_perform(handle)
            }
        }
        if answer.isTooLarge { return .failure(.tooLarge) }
        if code == CURLE_OPERATION_TIMEDOUT { return .failure(.timedOut) }
        var status = 0
        guard code == CURLE_OK, winnow_curl_status(handle, &status) == CURLE_OK else {
            return .failure(.connection(code: Int(code.rawValue)))
        }
        return .success(HTTPAnswer(status: status, retryAfter: answer.retryAfter, body: answer.body))
    }
}

/// What libcurl hands over while it runs; touched by the thread that runs it only.
private final class ReceivedAnswer {
    var body = Data()
    var isTooLarge = false
    var retryAfter: String?
}

/// - Returns: the bytes taken; fewer than were given ends the request.
private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let answer = Unmanaged<ReceivedAnswer>.fromOpaque(context).takeUnretainedValue()
    guard answer.body.count + size * count <= ChatTransport.largestBody else {
        answer.isTooLarge = true
        return 0
    }
    answer.body.append(UnsafeRawBufferPointer(start: bytes, count: size * count).bindMemory(to: UInt8.self))
    return size * count
}

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
    if line.lowercased().hasPrefix("retry-after:") {
        let value = line.dropFirst("retry-after:".count).trimmingCharacters(in: .whitespacesAndNewlines)
        Unmanaged<ReceivedAnswer>.fromOpaque(context).takeUnretainedValue().retryAfter = value
    }
    return size * count
}
