// Which server a Mastodon stream comes from. Part of the settings; read by the decoder.

/// Ids are numbers of the server that sends them, also for posts that came to it from elsewhere, and a delete is nothing
/// but such a number: the server's name has to be told.
package struct MastodonInstances: Sendable, Equatable {
    /// `NAME` for all topics, `TOPIC=NAME` for one.
    package private(set) var entries: [String] = []
    private var everywhere: String?
    private var byTopic: [String: String] = [:]

    package init() {}

    /// - Returns: nil where an entry is neither; see `fault(in:)`.
    package init?(_ entries: [String]) {
        for entry in entries {
            if Self.fault(in: entry) != nil { return nil }
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { byTopic[parts[0]] = parts[1].lowercased() } else { everywhere = parts[0].lowercased() }
        }
        self.entries = entries
    }

    /// What is wrong with an entry, as the end of a sentence.
    package static func fault(in entry: String) -> String? {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.last.map(String.init) ?? ""
        let isTopic = parts.count == 1 || !parts[0].isEmpty
        return isTopic && isServerName(name.lowercased()) ? nil : "must be the name of a server or TOPIC=NAME"
    }

    package func instance(for topic: String) -> String? { byTopic[topic] ?? everywhere }

    /// A host's name in ASCII and lower case, with a port where it has one.
    static func isServerName(_ text: String) -> Bool {
        let characters = text.utf8
        return (1...255).contains(characters.count) && characters.first != UInt8(ascii: ".")
            && characters.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":")
                    || $0 == UInt8(ascii: "_")
            }
    }
}
