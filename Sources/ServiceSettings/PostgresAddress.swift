// A libpq connection string that prints without its passwords. It does not connect, and it checks only what can be
// told without a server.
internal import Foundation

package struct PostgresAddress: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let content: String

    package init(_ content: String) { self.content = content }

    /// What libpq gets, passwords included.
    package func reveal() -> String { content }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    package var isURI: Bool { content.hasPrefix("postgresql://") || content.hasPrefix("postgres://") }

    /// nil where it can be a connection string, else what is wrong; never quotes it.
    package var fault: String? {
        if isURI { return nil }
        if content.contains("=") && !content.contains("://") { return nil }
        return "is no libpq connection string; write postgresql://USER@HOST:5432/DATABASE"
    }

    /// The connection string with `***` for every password in it; all of it masked where it cannot be taken apart.
    package var description: String {
        if fault != nil { return content.isEmpty ? "" : Secret.mask }
        return isURI ? redactedURI : redactedKeywords
    }

    /// The passwords in it as they are written, for whoever must keep them out of messages.
    var secrets: [String] {
        var found: [String] = []
        if isURI, let scheme = content.range(of: "://") {
            let rest = content[scheme.upperBound...]
            if let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
                found.append(String(rest[rest.index(after: colon)..<at]))
            }
            for parameter in rest.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
                let name = parameter.prefix { $0 != "=" }
                if Self.isSecret(String(name)) { found.append(String(parameter.dropFirst(name.count + 1))) }
            }
        } else {
            var rest = content[...]
            while let equals = rest.firstIndex(of: "=") {
                let name = rest[..<equals].filter { !$0.isWhitespace }
                rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
                let value = Self.takeValue(&rest)
                if Self.isSecret(String(name)) { found.append(value.filter { $0 != "'" }) }
            }
        }
        // libpq's messages have them without percent signs.
        return found + found.compactMap(\.removingPercentEncoding)
    }

    private var redactedURI: String {
        guard let scheme = content.range(of: "://") else { return Secret.mask }
        let rest = content[scheme.upperBound...]
        // A password may hold '/', '?' or '@' by mistake: whatever lies before the last '@' is user information.
        var shown = String(content[..<scheme.upperBound])
        var tail = rest
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            if let colon = user.firstIndex(of: ":") {
                shown += user[..<colon] + ":" + Secret.mask
            } else {
                shown += user
            }
            tail = rest[at...]
        }
        guard let question = tail.firstIndex(of: "?") else { return shown + tail }
        shown += tail[...question]
        let parameters = tail[tail.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
        shown += parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return Self.isSecret(String(name)) ? "\(name)=\(Secret.mask)" : String(parameter)
        }.joined(separator: "&")
        return shown
    }

    /// `host=db password='a b' user=me`: values may be quoted, `\` escapes, blanks may surround `=`.
    private var redactedKeywords: String {
        var shown: [String] = []
        var rest = content[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\n" }
            guard !rest.isEmpty else { break }
            guard let equals = rest.firstIndex(of: "=") else { return Secret.mask }
            let name = rest[..<equals].filter { $0 != " " && $0 != "\t" }
            rest = rest[rest.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
            let value = Self.takeValue(&rest)
            shown.append(Self.isSecret(String(name)) ? "\(name)=\(Secret.mask)" : "\(name)=\(value)")
        }
        return shown.joined(separator: " ")
    }

    private static func takeValue(_ rest: inout Substring) -> Substring {
        let start = rest.startIndex
        var position = start
        let isQuoted = rest.first == "'"
        if isQuoted { position = rest.index(after: position) }
        while position < rest.endIndex {
            let character = rest[position]
            if character == "\\" {
                position = rest.index(position, offsetBy: 2, limitedBy: rest.endIndex) ?? rest.endIndex
                continue
            }
            if isQuoted && character == "'" {
                position = rest.index(after: position)
                break
            }
            if !isQuoted && (character == " " || character == "\t" || character == "\n") { break }
            position = rest.index(after: position)
        }
        let value = rest[start..<position]
        rest = rest[position...]
        return value
    }

    private static func isSecret(_ name: String) -> Bool {
        name.lowercased().contains("password")
    }
}
