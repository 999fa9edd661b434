// What a request over HTTP comes to: the whole answer, or why there is none.
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

/// Why there is no whole answer. Holds nothing of what was sent.
package enum TransportFault: Error, Sendable, Equatable {
    case timedOut
    /// More than is read of any answer.
    case tooLarge
    /// No connection, or it ended before the answer did: libcurl's code.
    case connection(code: Int)
}
