// The key that says which server a Mastodon stream comes from.
internal import Posts

extension SettingsTable {
    static let mastodonInstance = SettingsKey(
        "mastodon.instance",
        "The server that sends the stream, such as mastodon.example, or TOPIC=SERVER for one topic. Deletes need it: they "
            + "are a bare id. Changing it makes all posts new ones.", .textList
    ) { settings, input throws(SettingRefusal) in
        let entries: [String]
        switch input {
        case .list(let items): entries = items
        case .text(let text):
            entries = text.split(separator: ",").map { SettingsKey.trimmed($0) }.filter { !$0.isEmpty }
        case .properties: throw SettingRefusal(reason: "must be a list of texts")
        }
        for entry in entries {
            if let fault = MastodonInstances.fault(in: entry) {
                throw SettingRefusal(reason: "\(fault), not \(SettingsKey.quoted(entry))")
            }
        }
        settings.mastodon = MastodonInstances(entries) ?? MastodonInstances()
    } show: {
        .list($0.mastodon.entries)
    }
}
