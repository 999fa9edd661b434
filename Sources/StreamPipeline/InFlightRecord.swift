// A record on its way through this process: what the machine carries about without looking inside.
package import Posts
package import StreamCore

package struct InFlightRecord<Tokens: Sendable>: Sendable {
    package enum Content: Sendable {
        case raw
        case post(Post, Tokens)
        case done(DeliverableContent)
    }

    /// Kept to the end: if PostgreSQL refuses the row, its dead letter needs the payload.
    package let record: SourceRecord
    package let polledAt: Timestamp
    package var content: Content

    package init(record: SourceRecord, polledAt: Timestamp) {
        self.record = record
        self.polledAt = polledAt
        content = .raw
    }

    /// The same record as a dead letter. Ids that were read already go with it, so that a later delete finds it.
    package func condemned(_ rejection: Rejection) -> InFlightRecord {
        var rejection = rejection
        switch content {
        case .post(let post, _), .done(.post(let post, _)):
            rejection.key = rejection.key ?? post.key
            rejection.author = rejection.author ?? post.author
        case .done(.delete(let deletion)):
            rejection.key = rejection.key ?? deletion.key
            rejection.author = rejection.author ?? deletion.author
        case .done(.account(let change)):
            rejection.author = rejection.author ?? change.account
        case .raw, .done(.skipped), .done(.dead):
            break
        }
        var dead = self
        dead.content = .done(.dead(DeadLetter(rejection: rejection, record: record)))
        return dead
    }

    package var deliverable: DeliverableRecord {
        guard case .done(let content) = content else {
            preconditionFailure("a record is delivered when its content is known")
        }
        return DeliverableRecord(
            offset: record.position.offset, receivedAt: record.timestamp ?? polledAt, content: content)
    }
}
