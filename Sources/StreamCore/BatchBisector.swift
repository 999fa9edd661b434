// Finds the one record that the database refuses. Pure: the caller delivers what it names and tells what came of it.

/// Splits a refused delivery until the record is alone. Needs about 2 log2(n) deliveries for one bad record among n.
package struct BatchBisector<Item: Sendable>: Sendable {
    package enum Step: Sendable {
        /// Deliver these next, in this order.
        case deliver([Item])
        case finished
    }

    package enum Verdict: Sendable {
        case split
        /// This one alone was refused.
        case isolated(Item)
    }

    private let items: [Item]
    /// What is still suspected; the last is tried first. Together they cover a suffix of `items`, in order.
    private var ranges: [Range<Int>]

    /// - Parameter refused: the delivery that failed, in the order of delivery; not empty.
    package init(refused: [Item]) {
        precondition(!refused.isEmpty, "an empty delivery cannot be refused for its data")
        items = refused
        ranges = [refused.startIndex..<refused.endIndex]
    }

    /// The next thing to deliver. Items that are gone meanwhile (their partition went away) are left out.
    package mutating func next(isAlive: (Item) -> Bool) -> Step {
        while let range = ranges.last {
            let alive = items[range].filter(isAlive)
            if !alive.isEmpty { return .deliver(alive) }
            ranges.removeLast()
        }
        return .finished
    }

    /// What `next` named was delivered.
    package mutating func succeeded() {
        precondition(!ranges.isEmpty, "only what is suspected can succeed")
        ranges.removeLast()
    }

    /// What `next` named was refused.
    package mutating func failed(isAlive: (Item) -> Bool) -> Verdict {
        guard let range = ranges.last else { preconditionFailure("only what is suspected can fail") }
        let alive = range.filter { isAlive(items[$0]) }
        guard alive.count > 1 else { return .isolated(items[alive.first ?? range.lowerBound]) }
        ranges.removeLast()
        let middle = alive[alive.count / 2]
        ranges.append(middle..<range.upperBound)
        ranges.append(range.lowerBound..<middle)
        return .split
    }
}
