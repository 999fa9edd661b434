// What a fault of a connection means to the person who runs both ends. libcurl's own texts can quote the address; its codes cannot.
internal import CCurl

extension TransportFault {
    /// A clause without its subject's name: "nobody accepts connections there".
    package var sentence: String {
        switch self {
        case .timedOut: "there was no answer in time"
        case .tooLarge: "the answer is larger than what is read of any"
        case .connection(let code): Self.sentence(code)
        }
    }

    private static func sentence(_ code: Int) -> String {
        switch CURLcode(rawValue: UInt32(truncatingIfNeeded: code)) {
        case CURLE_COULDNT_CONNECT: "nobody accepts connections there"
        case CURLE_COULDNT_RESOLVE_HOST: "its name is not known"
        case CURLE_COULDNT_RESOLVE_PROXY: "its proxy's name is not known"
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: "the connection broke off"
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: "what it sends is not HTTP"
        case CURLE_PEER_FAILED_VERIFICATION: "its certificate is not accepted"
        case CURLE_SSL_CACERT_BADFILE: "the file of certificate authorities cannot be read"
        case CURLE_SSL_CONNECT_ERROR: "no encrypted connection comes about"
        case CURLE_ABORTED_BY_CALLBACK: "the request was broken off"
        default: "the request failed (libcurl's error \(code))"
        }
    }
}
