// A record on its way through this process: what the machine carries about without looking inside.
package import Posts
package import StreamCore

package struct InFlightRecord<Tokens: Sendable>: Sendable {
    package enum Content: Sendable {
        case raw
        case post(Post, Tokens)
        /// Several documents, at least one of them a post that waits for the student.
        case several([Document])
        case done(DeliverableContent)
    }

    package enum Document: Sendable {
        case post(Post, Tokens)
        case done(DeliverableContent)
    }

    /// Kept to the end: if PostgreSQL refuses the row, its dead letter needs the payload.
    package let record: SourceRecord
    package let polledAt: Timestamp
    package var content: Content
    /// Of several documents, in their order; else empty.
    private var places: [DocumentPlace] = []

    package init(record: SourceRecord, polledAt: Timestamp) {
        self.record = record
        self.polledAt = polledAt
        content = .raw
    }

    // MARK: On the way through the student

    /// What the workers made of it, and how many tokens the student must read of it; nil where it need not.
    package mutating func take(_ prepared: PreparedRecord<Tokens>) -> Int? {
        switch prepared {
        case .post(let post, let tokens, let tokenCount):
            content = .post(post, tokens)
            return tokenCount
        case .done(let known):
            content = .done(known)
            return nil
        case .several(let documents):
            places = documents.map(\.place)
            var tokenCount: Int?
            let taken: [Document] = documents.flatMap { document -> [Document] in
                switch document.content {
                case .post(let post, let tokens, let count):
                    tokenCount = (tokenCount ?? 0) + count
                    return [.post(post, tokens)]
                case .done(let known): return [.done(known)]
                case .several: preconditionFailure("a document of several is one")
                }
            }
            content = .several(taken)
            if tokenCount == nil { finish { _ in preconditionFailure("no document waits for an answer") } }
            return tokenCount
        }
    }

    /// The posts that wait for the student, in order.
    package var waitingPosts: [(post: Post, tokens: Tokens)] {
        switch content {
        case .post(let post, let tokens): [(post, tokens)]
        case .several(let documents):
            documents.compactMap { if case .post(let post, let tokens) = $0 { (post, tokens) } else { nil } }
        case .raw, .done: []
        }
    }

    /// Puts the student's answers beside the posts that wait, `answer` gives them one after the other.
    package mutating func finish(_ answer: (Post) -> Enrichment) {
        switch content {
        case .post(let post, _): content = .done(.post(post, answer(post)))
        case .several(let documents):
            content = .done(
                .several(
                    documents.map { document in
                        switch document {
                        case .post(let post, _): .post(post, answer(post))
                        case .done(let known): known
                        }
                    }))
        case .raw, .done: break
        }
    }

    // MARK: Dead letters

    /// The same record as a dead letter; of several documents each becomes one. Ids that were read already go with it, so
    /// that a later delete finds it.
    package func condemned(_ rejection: Rejection) -> InFlightRecord {
        var dead = self
        switch content {
        case .raw: dead.content = .done(Self.letter(nil, rejection, record))
        case .post(let post, _): dead.content = .done(Self.letter(.upsert(post), rejection, record))
        case .several(let documents):
            dead.content = .done(
                .several(
                    zip(documents, places).map { document, place in
                        switch document {
                        case .post(let post, _): Self.letter(.upsert(post), rejection, place.record(of: record))
                        case .done(let content): Self.condemned(content, rejection, place.record(of: record))
                        }
                    }))
        case .done(.several(let contents)):
            dead.content = .done(
                .several(zip(contents, places).map { Self.condemned($0, rejection, $1.record(of: record)) }))
        case .done(let content):
            // Alone even a skip is the cause of what went wrong.
            if case .skipped = content {
                dead.content = .done(Self.letter(nil, rejection, record))
            } else {
                dead.content = .done(Self.condemned(content, rejection, record))
            }
        }
        return dead
    }

    /// One document as a dead letter, unless it is nothing for us or a dead letter already.
    private static func condemned(
        _ content: DeliverableContent, _ rejection: Rejection, _ record: SourceRecord
    ) -> DeliverableContent {
        switch content {
        case .post(let post, _): letter(.upsert(post), rejection, record)
        case .delete(let deletion): letter(.delete(deletion), rejection, record)
        case .account(let change): letter(.account(change), rejection, record)
        case .skipped, .dead, .several: content
        }
    }

    private static func letter(_ event: PostEvent?, _ rejection: Rejection, _ record: SourceRecord) -> DeliverableContent {
        var rejection = rejection
        switch event {
        case .upsert(let post):
            rejection.key = rejection.key ?? post.key
            rejection.author = rejection.author ?? post.author
        case .delete(let deletion):
            rejection.key = rejection.key ?? deletion.key
            rejection.author = rejection.author ?? deletion.author
        case .account(let change):
            rejection.author = rejection.author ?? change.account
        case nil: break
        }
        return .dead(DeadLetter(rejection: rejection, record: record))
    }

    package var deliverable: DeliverableRecord {
        guard case .done(let content) = content else {
            preconditionFailure("a record is delivered when its content is known")
        }
        return DeliverableRecord(
            offset: record.position.offset, receivedAt: record.timestamp ?? polledAt, content: content)
    }
}
