// Where the registry is, how to be let in, and how long to wait for it. Prints without its secrets.
internal import Foundation
package import StreamCore

package struct RegistryConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
    package enum Credentials: Sendable {
        case none
        case basic(username: String, password: String)
        case bearer(token: String)
    }

    /// Ends without a slash.
    let base: String
    let credentials: Credentials
    let timeout: Duration
    let retries: RetryPolicy
    let cachedSchemas: Int

    /// - Parameters:
    ///   - timeout: how long one answer may take.
    ///   - retries: the waits between tries while the registry cannot be asked.
    ///   - cachedSchemas: how many schemas are kept; the one that was unused for longest goes first.
    package init(
        url: String, credentials: Credentials, timeout: Duration, retries: RetryPolicy, cachedSchemas: Int
    ) {
        precondition(cachedSchemas > 0, "a cache holds at least one schema")
        var base = Substring(url)
        while base.hasSuffix("/") { base.removeLast() }
        self.base = String(base)
        self.credentials = credentials
        self.timeout = timeout
        self.retries = retries
        self.cachedSchemas = cachedSchemas
    }

    package var description: String { base }
    package var customMirror: Mirror { Mirror(self, children: ["base": base]) }

    /// nil where the address and the path make no URL.
    func request(_ path: String) -> RegistryRequest? {
        guard let url = URL(string: base + path), url.host() != nil else { return nil }
        var headers = ["Accept: application/vnd.schemaregistry.v1+json, application/json"]
        switch credentials {
        case .none: break
        case .basic(let username, let password):
            headers.append("Authorization: Basic \(Data("\(username):\(password)".utf8).base64EncodedString())")
        case .bearer(let token): headers.append("Authorization: Bearer \(token)")
        }
        return RegistryRequest(url: url.absoluteString, headers: headers)
    }
}

/// What is asked for with a GET.
struct RegistryRequest: Sendable {
    let url: String
    /// Whole lines; the credentials are among them.
    let headers: [String]
}
