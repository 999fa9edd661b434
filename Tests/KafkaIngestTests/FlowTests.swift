// Marks, sums and what they block: exhaustively for small limits, and the gauge against a simple model.
import Posts
import StreamCore
import Synchronization
import Testing

private let one = TopicPartition(topic: "posts", partition: 0)
private let two = TopicPartition(topic: "posts", partition: 1)

@Suite struct FlowTests {
    @Test func policyHasHysteresisInBothMeasures() {
        let policy = FlowPolicy(limits: FlowLimits(bytes: 16, records: 8))
        for records in 0...10 {
            for bytes in 0...20 {
                for before in [(false, false), (false, true), (true, false), (true, true)] {
                    let share = FlowShare(records: records, bytes: bytes)
                    let block = FlowBlock(byBytes: before.0, byRecords: before.1)
                    let total = policy.totalBlock(share, before: block)
                    #expect(total.byBytes == (before.0 ? bytes > 8 : bytes >= 16))
                    #expect(total.byRecords == (before.1 ? records > 4 : records >= 8))
                    let own = policy.partitionBlock(share, before: block)
                    #expect(own.byBytes == (before.0 ? bytes > 4 : bytes >= 8))
                    #expect(own.byRecords == (before.1 ? records > 2 : records >= 4))
                }
            }
        }
    }

    @Test func blocksOnePartitionForItsShareAndAllForTheTotal() {
        let gauge = FlowGauge(limits: FlowLimits(bytes: 1_000, records: 100))
        #expect(!gauge.admit(one, bytes: 499).mustPause)
        let verdict = gauge.admit(one, bytes: 1)
        #expect(verdict.isPartitionBlocked && !verdict.isTotalBlocked)
        #expect(gauge.blocked(of: [one, two]) == [one])
        #expect(gauge.admit(two, bytes: 500).mustPause)
        #expect(gauge.isTotalBlocked)
        #expect(gauge.blocked(of: [one, two]) == [one, two])
        gauge.release(one, records: 1, bytes: 499)
        #expect(gauge.blocked(of: [one, two]) == [one, two], "501 in all is above the low mark")
        gauge.release(one, records: 1, bytes: 1)
        #expect(gauge.blocked(of: [one, two]) == [two])
        gauge.discard(two)
        #expect(gauge.blocked(of: [one, two]).isEmpty)
        #expect(gauge.total == FlowShare())
    }

    @Test func tellsOfReliefOnceAndOutsideOfTheLock() {
        let gauge = FlowGauge(limits: FlowLimits(bytes: 1_000, records: 100))
        let counter = Counter()
        gauge.onRelief {
            // Asking the gauge from the listener must not deadlock.
            _ = gauge.total
            counter.increment()
        }
        for _ in 0..<10 { gauge.admit(one, bytes: 100) }
        for _ in 0..<10 { gauge.release(one, records: 1, bytes: 100) }
        #expect(counter.value == 2, "once for the total, once for the partition's share")
        gauge.onRelief(nil)
    }

    @Test func neverGoesBelowNothing() {
        let gauge = FlowGauge(limits: FlowLimits(bytes: 1_000, records: 100))
        gauge.admit(one, bytes: 10)
        gauge.discard(one)
        gauge.release(one, records: 1, bytes: 10)
        gauge.release(two, records: 5, bytes: 10)
        #expect(gauge.total == FlowShare())
        gauge.admit(one, bytes: 7)
        #expect(gauge.total == FlowShare(records: 1, bytes: 7))
        #expect(gauge.share(of: one) == FlowShare(records: 1, bytes: 7))
    }

    /// Random admissions and releases against sums kept by hand.
    @Test(arguments: 0..<20) func agreesWithASimpleModel(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let gauge = FlowGauge(limits: FlowLimits(bytes: 5_000, records: 40))
        var model: [TopicPartition: [Int]] = [one: [], two: []]
        var block = FlowBlock()
        for _ in 0..<5_000 {
            let partition = Bool.random(using: &random) ? one : two
            if Bool.random(using: &random) {
                let size = Int.random(in: 1...400, using: &random)
                model[partition]?.append(size)
                gauge.admit(partition, bytes: size)
            } else if let size = model[partition]?.popLast() {
                gauge.release(partition, records: 1, bytes: size)
            }
            let sizes = (model[one] ?? []) + (model[two] ?? [])
            block = FlowPolicy(limits: gauge.limits)
                .totalBlock(FlowShare(records: sizes.count, bytes: sizes.reduce(0, +)), before: block)
            #expect(gauge.total == FlowShare(records: sizes.count, bytes: sizes.reduce(0, +)))
            #expect(gauge.isTotalBlocked == block.isBlocked)
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func increment() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}
