// Turns a delivery into the parameters of winnow.deliver_v2. Built for one delivery and thrown away; sends nothing.
internal import Posts
internal import StreamCore

/// Parameters by name, so that the order in Swift and the order in SQL need not agree.
/// The delivery functions that instances of some release call.
package enum DeliveryFunction: String, Sendable {
    /// Counts events: each record holds one document.
    case oneDocument = "deliver_v1"
    /// Counts records, which may hold several documents.
    case withSeveralDocuments = "deliver_v2"
}

struct NamedParameters {
    private(set) var names: [String] = []
    private(set) var values: [PostgresParameter] = []

    mutating func add(_ name: String, _ value: PostgresParameter) {
        names.append(name)
        values.append(value)
    }

    mutating func add(_ name: String, _ array: BinaryArray) { add(name, array.parameter) }

    mutating func leaveOut(_ unwanted: Set<String>) {
        let kept = names.indices.filter { !unwanted.contains(names[$0]) }
        (names, values) = (kept.map { names[$0] }, kept.map { values[$0] })
    }

    /// `p_a => $1, p_b => $2`.
    var arguments: String {
        names.enumerated().map { "p_\($0.element) => $\($0.offset + 1)" }.joined(separator: ", ")
    }
}

struct DeliveryCall {
    private var steps: DeliverySteps
    private var slices = SliceColumns()
    private var counts = CountColumns()
    private var gates = AccountGates()
    private var models = ModelColumns()
    private var events: EventColumns
    private var posts: PostColumns
    private var entities = EntityColumns()
    private var accounts = AccountColumns()
    private var deadLetters = DeadLetterColumns()
    private let consumerGroup: String
    /// Counts the records of the delivery.
    private var recordOrdinal: Int32 = 0

    init(_ delivery: Delivery, consumerGroup: String) {
        self.consumerGroup = consumerGroup
        let recordCount = delivery.recordCount
        steps = DeliverySteps(reserving: recordCount)
        events = EventColumns(reserving: recordCount)
        posts = PostColumns(reserving: recordCount)
        for (index, slice) in delivery.slices.enumerated() { add(slice, ordinal: Int32(index + 1)) }
    }

    func statement(_ function: DeliveryFunction) -> Statement {
        var parameters = NamedParameters()
        parameters.add("group", .text(consumerGroup))
        slices.add(to: &parameters)
        counts.add(to: &parameters)
        var buckets = BinaryArray(.integer)
        var exclusives = BinaryArray(.boolean)
        for lock in gates.locks {
            buckets.append(lock.bucket)
            exclusives.append(lock.isExclusive)
        }
        parameters.add("gate_bucket", buckets)
        parameters.add("gate_exclusive", exclusives)
        models.add(to: &parameters)
        parameters.add("steps", .integer(steps.count))
        events.add(to: &parameters)
        posts.add(to: &parameters)
        entities.add(to: &parameters)
        accounts.add(to: &parameters)
        deadLetters.add(to: &parameters)
        if function == .oneDocument { parameters.leaveOut(["event_record", "account_record"]) }
        return Statement(
            sql: "SELECT kind, slice, outcome, count FROM winnow.\(function.rawValue)(\(parameters.arguments))",
            parameters: parameters.values)
    }

    private mutating func add(_ slice: PartitionSlice, ordinal: Int32) {
        slices.append(slice)
        for record in slice.records {
            recordOrdinal += 1
            // The events of a record that is decided before are applied, but not counted.
            let counted = DeliveryCounts.decidedBefore(record.content) == nil ? recordOrdinal : nil
            for part in record.content.parts {
                switch part {
                case .post(let post, let enrichment): add(post, enrichment, record, slice: ordinal, counted)
                case .delete(let deletion): add(deletion, record, slice: ordinal, counted)
                case .account(let change): add(change, slice: ordinal, counted)
                case .skipped: break
                case .dead(let letter): add(letter, record, slice: ordinal)
                case .several: preconditionFailure("a document of several is one")
                }
            }
        }
        for (outcome, count) in DeliveryCounts.decidedBefore(slice) { counts.append(slice: ordinal, outcome, count) }
    }

    private mutating func add(
        _ post: Post, _ enrichment: Enrichment, _ record: DeliverableRecord, slice: Int32, _ counted: Int32?
    ) {
        if let author = post.author { gates.share(platform: post.key.platform, account: author) }
        events.append(
            EventColumns.Row(
                step: steps.stepOfPostEvent(key: post.key, author: post.author), kind: "u", slice: slice,
                record: counted, key: post.key, version: post.version, account: post.author), record)
        posts.append(post, enrichment, model: models.ordinal(of: enrichment))
        for mention in enrichment.entities { entities.append(mention, event: Int32(events.count)) }
    }

    private mutating func add(
        _ deletion: PostDeletion, _ record: DeliverableRecord, slice: Int32, _ counted: Int32?
    ) {
        events.append(
            EventColumns.Row(
                step: steps.stepOfPostEvent(key: deletion.key, author: nil), kind: "d", slice: slice,
                record: counted, key: deletion.key, version: deletion.version, account: deletion.author), record)
        posts.appendNothing()
    }

    private mutating func add(_ change: AccountChange, slice: Int32, _ counted: Int32?) {
        if change.kind == .purge { gates.exclude(platform: change.platform, account: change.account) }
        accounts.append(change, step: steps.stepOfAccountEvent(change), slice: slice, record: counted)
    }

    private mutating func add(_ letter: DeadLetter, _ record: DeliverableRecord, slice: Int32) {
        let step = steps.stepOfPostEvent(key: letter.rejection.key, author: letter.rejection.author)
        deadLetters.append(letter, record, step: step, slice: slice)
    }
}
