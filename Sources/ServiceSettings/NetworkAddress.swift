// HOST:PORT as people write it in settings.

package struct NetworkAddress: Sendable, Equatable {
    package let host: String
    package let port: UInt16

    /// nil where the text is no `HOST:PORT`. An IPv6 host stands in brackets; an empty host means every interface.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.host = host.isEmpty ? "0.0.0.0" : String(host)
        self.port = port
    }
}
