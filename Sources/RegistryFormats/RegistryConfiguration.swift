// Where the registry is, how to be let in, and how long to wait for it. Prints without its secrets.
internal import Foundation
#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif
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
    func request(_ path: String) -> URLRequest? {
        guard let url = URL(string: base + path), url.host() != nil else { return nil }
        var request = URLRequest(url: url, timeoutInterval: timeout / .seconds(1))
        request.setValue("application/vnd.schemaregistry.v1+json, application/json", forHTTPHeaderField: "Accept")
        switch credentials {
        case .none: break
        case .basic(let username, let password):
            let pair = Data("\(username):\(password)".utf8).base64EncodedString()
            request.setValue("Basic \(pair)", forHTTPHeaderField: "Authorization")
        case .bearer(let token): request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        return request
    }
}
