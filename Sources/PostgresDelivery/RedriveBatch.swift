// Dead letters on their way back, and how they are put into transactions. Pure; knows nothing of SQL.
package import Posts
package import StreamCore

/// A dead letter as it is held, with its record.
package struct HeldLetter: Sendable {
    package let identifier: Int64
    package let record: SourceRecord
    package let receivedAt: Timestamp
    package let reason: String
    /// Whether its partition counts the record as dead.
    package let isCounted: Bool
    package let redriveCount: Int32

    package init(
        identifier: Int64, record: SourceRecord, receivedAt: Timestamp, reason: String, isCounted: Bool = true,
        redriveCount: Int32 = 0
    ) {
        self.identifier = identifier
        self.record = record
        self.receivedAt = receivedAt
        self.reason = reason
        self.isCounted = isCounted
        self.redriveCount = redriveCount
    }

    /// The post or account was deleted, and the content with it: there is nothing to take in.
    package var isEmpty: Bool { record.key == nil && record.value == nil }
}

/// A letter and what it is read as now.
package struct RedrivenLetter: Sendable {
    package let letter: HeldLetter
    package let content: DeliverableContent

    package init(letter: HeldLetter, content: DeliverableContent) {
        self.letter = letter
        self.content = content
    }

    /// Of a record with several documents: of the first that cannot be read.
    package var rejection: Rejection? {
        for case .dead(let dead) in content.parts { return dead.rejection }
        return nil
    }

    /// Deletes and purges remove dead letters, their own among them.
    var removesLetters: Bool {
        content.parts.contains { part in
            switch part {
            case .delete, .account: true
            case .post, .skipped, .dead, .several: false
            }
        }
    }

    func refused(_ reason: RejectionReason, _ detail: String) -> RedrivenLetter {
        var known = Rejection(reason: reason, detail: detail)
        if case .post(let post, _) = content {
            known.key = post.key
            known.author = post.author
        }
        return RedrivenLetter(
            letter: letter, content: .dead(DeadLetter(rejection: known, record: letter.record)))
    }
}

/// The letters of one transaction.
package struct RedriveBatch: Sendable {
    /// Those that can be read now.
    package let taken: [RedrivenLetter]
    /// Those that still cannot.
    package let refused: [RedrivenLetter]

    init(_ letters: some Sequence<RedrivenLetter>) {
        var taken: [RedrivenLetter] = []
        var refused: [RedrivenLetter] = []
        for letter in letters {
            if letter.rejection == nil { taken.append(letter) } else { refused.append(letter) }
        }
        self.taken = taken
        self.refused = refused
    }

    package var letters: [RedrivenLetter] { taken + refused }
    var isCounted: Bool { taken.first?.letter.isCounted ?? true }
    var mayBeGone: Bool { taken.contains(where: \.removesLetters) }

    /// In the letters' order. A batch moves counts for all of its letters or for none; a letter that removes letters is
    /// alone, so that whatever is missing in another batch was taken by somebody else.
    package static func batches(_ letters: [RedrivenLetter], limit: Int) -> [RedriveBatch] {
        var batches: [RedriveBatch] = []
        var open: [RedrivenLetter] = []
        var openCounted: Bool?
        func close() {
            if !open.isEmpty { batches.append(RedriveBatch(open)) }
            open = []
            openCounted = nil
        }
        for letter in letters {
            let isTaken = letter.rejection == nil
            if letter.removesLetters || open.count >= limit
                || (isTaken && openCounted != nil && openCounted != letter.letter.isCounted)
            {
                close()
            }
            open.append(letter)
            if isTaken { openCounted = letter.letter.isCounted }
            if letter.removesLetters { close() }
        }
        close()
        return batches
    }
}
