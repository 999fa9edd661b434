// The bisector against a database that refuses given records: every batch of up to nine, every set of bad ones.
import StreamCore
import Testing

@Suite struct BatchBisectorTests {
    /// Plays a delivery loop: answers which records went through, in order, and which were found.
    private func play(_ items: [Int], bad: Set<Int>) -> (delivered: [Int], found: [Int], deliveries: Int) {
        var bisector = BatchBisector(refused: items)
        var (delivered, found, deliveries) = ([Int](), [Int](), 1)
        var gone: Set<Int> = []
        var condemned: Set<Int> = []
        loop: while true {
            switch bisector.next(isAlive: { !gone.contains($0) }) {
            case .finished: break loop
            case .deliver(let part):
                deliveries += 1
                guard part.contains(where: { bad.contains($0) && !condemned.contains($0) }) else {
                    delivered += part
                    gone.formUnion(part)
                    bisector.succeeded()
                    continue
                }
                if case .isolated(let item) = bisector.failed(isAlive: { !gone.contains($0) }) {
                    found.append(item)
                    condemned.insert(item)
                }
            }
        }
        return (delivered, found, deliveries)
    }

    @Test func everySetOfBadRecordsIsFoundInOrder() {
        for count in 1...9 {
            let items = Array(0..<count)
            for mask in 1..<(1 << count) {
                let bad = Set(items.filter { mask >> $0 & 1 == 1 })
                let result = play(items, bad: bad)
                #expect(result.delivered == items)
                #expect(result.found == bad.sorted())
            }
        }
    }

    @Test func oneBadRecordCostsTwiceTheLogarithm() {
        for bad in stride(from: 0, to: 2_048, by: 97) {
            #expect(play(Array(0..<2_048), bad: [bad]).deliveries <= 2 * 11 + 3)
        }
    }

    @Test func recordsOfALostPartitionAreLeftOut() {
        var bisector = BatchBisector(refused: Array(0..<8))
        _ = bisector.failed { _ in true }
        guard case .deliver(let first) = bisector.next(isAlive: { $0 >= 4 }) else {
            Issue.record("the other half is still suspected")
            return
        }
        #expect(first == [4, 5, 6, 7])
        bisector.succeeded()
        guard case .finished = bisector.next(isAlive: { _ in false }) else {
            Issue.record("nothing is left")
            return
        }
    }
}
