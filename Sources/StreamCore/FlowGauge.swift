// Counts what is in flight, in all and for each partition. The poll thread admits, the pipeline releases from any
// thread. It decides nothing about Kafka: the poll thread asks what is blocked and pauses.
package import Posts
import Synchronization

package final class FlowGauge: Sendable {
    /// What is blocked after an admission: both mean that the record's partition must pause before the next record is
    /// taken.
    package struct Verdict: Hashable, Sendable {
        package let isTotalBlocked: Bool
        package let isPartitionBlocked: Bool
        package var mustPause: Bool { isTotalBlocked || isPartitionBlocked }
    }

    private struct Lane {
        var share = FlowShare()
        var block = FlowBlock()
        var isBlocked: Bool { block.isBlocked }
    }

    private struct State {
        var total = Lane()
        var lanes: [TopicPartition: Lane] = [:]
        var onRelief: (@Sendable () -> Void)?
    }

    private let policy: FlowPolicy
    private let state = Mutex(State())

    package init(limits: FlowLimits) { policy = FlowPolicy(limits: limits) }

    package var limits: FlowLimits { policy.limits }

    /// Counts a record in; called on the poll thread before the record is emitted.
    @discardableResult
    package func admit(_ partition: TopicPartition, bytes: Int) -> Verdict {
        state.withLock { state in
            state.total.share.records += 1
            state.total.share.bytes += bytes
            state.total.block = policy.totalBlock(state.total.share, before: state.total.block)
            var lane = state.lanes[partition] ?? Lane()
            lane.share.records += 1
            lane.share.bytes += bytes
            lane.block = policy.partitionBlock(lane.share, before: lane.block)
            state.lanes[partition] = lane
            return Verdict(isTotalBlocked: state.total.isBlocked, isPartitionBlocked: lane.isBlocked)
        }
    }

    /// Counts records out, once they are committed or dropped one by one. Never more than was admitted: what belongs
    /// to a share that `discard` returned already is ignored.
    package func release(_ partition: TopicPartition, records: Int, bytes: Int) {
        subtract(partition) { share in
            FlowShare(records: min(records, share.records), bytes: min(bytes, share.bytes))
        }
    }

    /// Returns a partition's whole share: the partition was dropped with all that was in flight for it. Nothing of it
    /// may be released afterwards.
    package func discard(_ partition: TopicPartition) {
        subtract(partition) { $0 }
    }

    package var total: FlowShare { state.withLock { $0.total.share } }

    package func share(of partition: TopicPartition) -> FlowShare {
        state.withLock { $0.lanes[partition]?.share ?? FlowShare() }
    }

    package var isTotalBlocked: Bool { state.withLock { $0.total.isBlocked } }

    /// Which of `partitions` have to be paused now.
    package func blocked(of partitions: [TopicPartition]) -> Set<TopicPartition> {
        state.withLock { state in
            if state.total.isBlocked { return Set(partitions) }
            return Set(partitions.filter { state.lanes[$0]?.isBlocked ?? false })
        }
    }

    /// Called outside of the lock, from the releasing thread, whenever something that was blocked opens again. One
    /// listener: the source.
    package func onRelief(_ listener: (@Sendable () -> Void)?) {
        state.withLock { $0.onRelief = listener }
    }

    private func subtract(_ partition: TopicPartition, amount: (FlowShare) -> FlowShare) {
        let listener: (@Sendable () -> Void)? = state.withLock { state in
            guard var lane = state.lanes[partition] else { return nil }
            let wasBlocked = (state.total.isBlocked, lane.isBlocked)
            let part = amount(lane.share)
            lane.share.records -= part.records
            lane.share.bytes -= part.bytes
            lane.block = policy.partitionBlock(lane.share, before: lane.block)
            state.lanes[partition] = lane.share == FlowShare() ? nil : lane
            state.total.share.records -= part.records
            state.total.share.bytes -= part.bytes
            state.total.block = policy.totalBlock(state.total.share, before: state.total.block)
            let opened =
                (wasBlocked.0 && !state.total.isBlocked) || (wasBlocked.1 && !lane.isBlocked)
            return opened ? state.onRelief : nil
        }
        listener?()
    }
}
