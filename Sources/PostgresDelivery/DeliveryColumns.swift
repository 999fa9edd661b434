// The columns of winnow.deliver_v2's arrays, one type for each prefix. Append-only; every append adds one element to
// each.
internal import Posts
internal import StreamCore

struct SliceColumns {
    private var topic = BinaryArray(.text)
    private var partition = BinaryArray(.integer)
    private var token = BinaryArray(.text)
    private var expected = BinaryArray(.bigint)
    private var new = BinaryArray(.bigint)
    private var received = BinaryArray(.timestamp)

    mutating func append(_ slice: PartitionSlice) {
        topic.append(slice.topicPartition.topic)
        partition.append(slice.topicPartition.partition)
        token.append(slice.claim.token)
        expected.append(slice.expectedOffset)
        new.append(slice.newOffset)
        received.append(slice.records.map(\.receivedAt).max())
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("slice_topic", topic)
        parameters.add("slice_partition", partition)
        parameters.add("slice_token", token)
        parameters.add("slice_expected", expected)
        parameters.add("slice_new", new)
        parameters.add("slice_received", received)
    }
}

struct CountColumns {
    private var slice = BinaryArray(.integer)
    private var outcome = BinaryArray(.text)
    private var reason = BinaryArray(.text)
    private var count = BinaryArray(.bigint)

    mutating func append(slice ordinal: Int32, _ counted: Outcome, _ number: Int64) {
        slice.append(ordinal)
        outcome.append(counted.kind.rawValue)
        reason.append(counted.reason)
        count.append(number)
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("count_slice", slice)
        parameters.add("count_outcome", outcome)
        parameters.add("count_reason", reason)
        parameters.add("count_count", count)
    }
}

/// The models of a delivery: one as a rule.
struct ModelColumns {
    private struct Identity: Hashable {
        let model: ModelVersion
        let sentiments: [String]
        let topics: [String]
    }

    /// Between labels: a control character that no label holds.
    private static let separator = "\u{1f}"
    private var rows: [Identity] = []

    /// The ordinal of the model that wrote this, from 1.
    mutating func ordinal(of enrichment: Enrichment) -> Int32 {
        func isSame(_ row: Identity) -> Bool {
            row.model == enrichment.model && matches(row.sentiments, enrichment.sentiment)
                && matches(row.topics, enrichment.topic)
        }
        if let index = rows.firstIndex(where: isSame) { return Int32(index + 1) }
        rows.append(
            Identity(
                model: enrichment.model, sentiments: enrichment.sentiment?.scores.map(\.label) ?? [],
                topics: enrichment.topic?.scores.map(\.label) ?? []))
        return Int32(rows.count)
    }

    private func matches(_ labels: [String], _ classification: Classification?) -> Bool {
        guard let scores = classification?.scores else { return labels.isEmpty }
        return labels.count == scores.count && zip(labels, scores).allSatisfy { $0 == $1.label }
    }

    func add(to parameters: inout NamedParameters) {
        func column(_ value: (Identity) -> String) -> BinaryArray {
            var array = BinaryArray(.text)
            for row in rows { array.append(value(row)) }
            return array
        }
        parameters.add("model_name", column(\.model.name))
        parameters.add("model_version", column(\.model.version))
        parameters.add("model_hash", column(\.model.weightsHash))
        parameters.add("model_sentiments", column { $0.sentiments.joined(separator: Self.separator) })
        parameters.add("model_topics", column { $0.topics.joined(separator: Self.separator) })
    }
}

/// Upserts and deletes.
struct EventColumns {
    struct Row {
        let step: Int32
        let kind: String
        let slice: Int32
        /// The record's ordinal, nil where its outcome is known before.
        let record: Int32?
        let key: PostKey
        let version: EventVersion
        let account: String?
    }

    private var step = BinaryArray(.integer)
    private var kind = BinaryArray(.text)
    private var slice = BinaryArray(.integer)
    private var record = BinaryArray(.integer)
    private var offset = BinaryArray(.bigint)
    private var platform = BinaryArray(.text)
    private var key: BinaryArray
    private var version = BinaryArray(.text)
    private var scope = BinaryArray(.text)
    private var account = BinaryArray(.text)
    private var received = BinaryArray(.timestamp)

    init(reserving recordCount: Int) { key = BinaryArray(.text, reserving: recordCount * 80) }

    var count: Int { step.count }

    mutating func append(_ row: Row, _ delivered: DeliverableRecord) {
        step.append(row.step)
        kind.append(row.kind)
        slice.append(row.slice)
        record.append(row.record)
        offset.append(delivered.offset)
        platform.append(row.key.platform)
        key.append(row.key.key)
        version.append(row.version.text)
        scope.append(row.version.scope)
        account.append(row.account)
        received.append(delivered.receivedAt)
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("event_step", step)
        parameters.add("event_kind", kind)
        parameters.add("event_slice", slice)
        parameters.add("event_record", record)
        parameters.add("event_offset", offset)
        parameters.add("event_platform", platform)
        parameters.add("event_key", key)
        parameters.add("event_version", version)
        parameters.add("event_scope", scope)
        parameters.add("event_account", account)
        parameters.add("event_received", received)
    }
}

struct EntityColumns {
    private var event = BinaryArray(.integer)
    private var type = BinaryArray(.text)
    private var name = BinaryArray(.text)
    private var normalized = BinaryArray(.text)
    private var start = BinaryArray(.integer)
    private var length = BinaryArray(.integer)
    private var score = BinaryArray(.real)

    mutating func append(_ mention: EntityMention, event ordinal: Int32) {
        event.append(ordinal)
        type.append(mention.type)
        name.append(mention.text)
        normalized.append(EntityName.normalized(mention.text))
        start.append(Int32(clamping: mention.span.start))
        length.append(Int32(clamping: mention.span.length))
        score.append(mention.score)
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("entity_event", event)
        parameters.add("entity_type", type)
        parameters.add("entity_name", name)
        parameters.add("entity_normalized", normalized)
        parameters.add("entity_start", start)
        parameters.add("entity_length", length)
        parameters.add("entity_score", score)
    }
}

struct AccountColumns {
    private var step = BinaryArray(.integer)
    private var slice = BinaryArray(.integer)
    private var record = BinaryArray(.integer)
    private var kind = BinaryArray(.text)
    private var platform = BinaryArray(.text)
    private var account = BinaryArray(.text)
    private var version = BinaryArray(.text)
    private var scope = BinaryArray(.text)

    mutating func append(_ change: AccountChange, step number: Int32, slice ordinal: Int32, record counted: Int32?) {
        step.append(number)
        slice.append(ordinal)
        record.append(counted)
        kind.append(change.kind.rawValue)
        platform.append(change.platform)
        account.append(change.account)
        version.append(change.version.text)
        scope.append(change.version.scope)
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("account_step", step)
        parameters.add("account_slice", slice)
        parameters.add("account_record", record)
        parameters.add("account_kind", kind)
        parameters.add("account_platform", platform)
        parameters.add("account_account", account)
        parameters.add("account_version", version)
        parameters.add("account_scope", scope)
    }
}

/// A dead letter must never be refused itself: NUL, which PostgreSQL does not take in texts, is left out of its ids.
struct DeadLetterColumns {
    private var step = BinaryArray(.integer)
    private var slice = BinaryArray(.integer)
    private var offset = BinaryArray(.bigint)
    private var received = BinaryArray(.timestamp)
    private var reason = BinaryArray(.text)
    private var detail = BinaryArray(.text)
    private var platform = BinaryArray(.text)
    private var key = BinaryArray(.text)
    private var account = BinaryArray(.text)
    private var recordKey = BinaryArray(.bytes)
    private var payload = BinaryArray(.bytes)

    mutating func append(_ letter: DeadLetter, _ record: DeliverableRecord, step number: Int32, slice ordinal: Int32) {
        func safe(_ text: String?) -> String? {
            guard let text, text.utf8.contains(0) else { return text }
            return String(text.unicodeScalars.filter { $0 != "\0" }.map(Character.init))
        }
        step.append(number)
        slice.append(ordinal)
        offset.append(record.offset)
        received.append(record.receivedAt)
        reason.append(letter.rejection.reason.rawValue)
        detail.append(safe(letter.rejection.detail))
        platform.append(safe(letter.rejection.key?.platform))
        key.append(safe(letter.rejection.key?.key))
        account.append(safe(letter.rejection.author))
        recordKey.append(letter.record.key)
        payload.append(letter.record.value)
    }

    func add(to parameters: inout NamedParameters) {
        parameters.add("dead_step", step)
        parameters.add("dead_slice", slice)
        parameters.add("dead_offset", offset)
        parameters.add("dead_received", received)
        parameters.add("dead_reason", reason)
        parameters.add("dead_detail", detail)
        parameters.add("dead_platform", platform)
        parameters.add("dead_key", key)
        parameters.add("dead_account", account)
        parameters.add("dead_record_key", recordKey)
        parameters.add("dead_payload", payload)
    }
}
