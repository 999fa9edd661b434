// From a record to an event, whatever its value is written in: the payload becomes JSON first where a schema registry is in use.
import Foundation
import Posts
import RegistryFormats
import ServiceSettings
import StreamCore

struct RecordDecoder: Sendable {
    private let posts: PostDecoder
    /// nil: values are JSON.
    private let payloads: RegistryPayloads?

    init(posts: PostDecoder, payloads: RegistryPayloads? = nil) {
        self.posts = posts
        self.payloads = payloads
    }

    /// Blocks while the registry cannot be asked for a schema that is not known yet.
    func decode(_ record: SourceRecord) -> DecodedRecord {
        guard let payloads else { return posts.decode(record) }
        guard let value = record.value else { return posts.decode(withPlainKey(record, payloads)) }
        switch value.withUnsafeBufferPointer({ payloads.json($0) }) {
        case .success(let json): return json.withUnsafeBufferPointer { posts.decode($0, at: record.position) }
        case .failure(let unreadable): return .reject(unreadable.rejection)
        }
    }

    /// A deletion's key is the post's id: as it is, or a text or a number in the wire format. Other keys name no post.
    private func withPlainKey(_ record: SourceRecord, _ payloads: RegistryPayloads) -> SourceRecord {
        guard let key = record.key, key.first == 0 else { return record }
        var plain: [UInt8]?
        if case .success(let json) = key.withUnsafeBufferPointer({ payloads.json($0) }) {
            if let text = try? JSONDecoder().decode(String.self, from: Data(json)) {
                plain = Array(text.utf8)
            } else if (try? JSONDecoder().decode(Double.self, from: Data(json))) != nil {
                plain = json
            }
        }
        return SourceRecord(position: record.position, timestamp: record.timestamp, key: plain, value: nil)
    }
}

extension RegistryNotice {
    /// For people who watch a command.
    var sentence: String {
        switch self {
        case .waiting(let schema, let reason, let wait):
            "The schema registry does not answer for schema \(schema) (\(reason)); it is asked again in \(wait)."
        case .recovered: "The schema registry answers again."
        }
    }
}

extension RegistryPayloads {
    /// nil where values are plain JSON.
    convenience init?(_ settings: Settings, observe: @escaping @Sendable (RegistryNotice) -> Void) {
        guard settings.kafka.valueEncoding == .schemaRegistry else { return nil }
        let registry = settings.schemaRegistry
        var credentials = RegistryConfiguration.Credentials.none
        if let token = registry.token {
            credentials = .bearer(token: token.reveal())
        } else if let username = registry.username {
            credentials = .basic(username: username, password: registry.password?.reveal() ?? "")
        }
        self.init(
            RegistryConfiguration(
                url: registry.url, credentials: credentials, timeout: registry.timeout,
                retries: RetryPolicy(first: settings.limits.retryFirst, last: settings.limits.retryLast),
                cachedSchemas: registry.cachedSchemas),
            observe: observe)
    }
}
