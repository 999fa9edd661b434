// Short ways to decode in tests, and a random generator whose failures can be repeated.
import Foundation
import Posts
import Testing

enum Decoding {
    static let position = SourcePosition(topicPartition: TopicPartition(topic: "feed", partition: 3), offset: 42)

    static func decode(
        _ value: [UInt8]?, key: [UInt8]? = nil, _ format: PostFormat = .generic,
        _ paths: GenericFieldPaths = GenericFieldPaths(), instances: [String] = []
    ) -> DecodedRecord {
        let record = SourceRecord(position: position, timestamp: nil, key: key, value: value)
        return PostDecoder(
            format: format, generic: paths, mastodon: MastodonInstances(instances) ?? MastodonInstances()
        ).decode(record)
    }

    static func decode(
        _ json: String, _ format: PostFormat = .generic, _ paths: GenericFieldPaths = GenericFieldPaths()
    ) -> DecodedRecord {
        decode(Array(json.utf8), format, paths)
    }

    static func decode(_ value: [UInt8], _ format: PostFormat, _ paths: GenericFieldPaths) -> DecodedRecord {
        decode(value, key: nil, format, paths)
    }

    /// The folder of public data sets, nil where this machine has none.
    static var sharedData: URL? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["WINNOW_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
        let folder = named ?? root.deletingLastPathComponent().appendingPathComponent("shared/data")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }
}

extension DecodedRecord {
    var post: Post? {
        if case .event(.upsert(let post)) = self { post } else { nil }
    }
    var deletion: PostDeletion? {
        if case .event(.delete(let deletion)) = self { deletion } else { nil }
    }
    var accountChange: AccountChange? {
        if case .event(.account(let change)) = self { change } else { nil }
    }
    var skipReason: SkipReason? {
        if case .skip(let reason) = self { reason } else { nil }
    }
    var rejection: Rejection? {
        if case .reject(let rejection) = self { rejection } else { nil }
    }
    var documents: [DecodedDocument] {
        if case .several(let documents) = self { documents } else { [] }
    }
    /// In a word: the kind of an event, the reason of a skip or a rejection.
    var kind: String {
        switch self {
        case .event(.upsert): "upsert"
        case .event(.delete): "delete"
        case .event(.account(let change)): change.kind.rawValue
        case .skip(let reason): "skipped(\(reason.rawValue))"
        case .reject(let rejection): "rejected(\(rejection.reason.rawValue))"
        case .several(let documents): documents.map(\.content.kind).joined(separator: " ")
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
