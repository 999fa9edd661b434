// Commands on their way to the poll thread. Sending never blocks, and the box is bounded by the number of partitions:
// a newer command for a partition replaces an older one that was not read yet.
package import Posts
package import StreamCore
import Synchronization

package final class CommandMailbox: Sendable {
    package enum Fetch: Hashable, Sendable {
        case start(offset: Int64, FetchTag)
        case stop
    }

    /// Everything that was sent since the last look, in the order in which it has to be carried out: releases first,
    /// since a start or stop that came before its partition's release is void.
    package struct Contents: Sendable {
        package fileprivate(set) var released: Set<TopicPartition> = []
        package fileprivate(set) var fetches: [TopicPartition: Fetch] = [:]
        package fileprivate(set) var hints: [TopicPartition: Int64] = [:]
        package fileprivate(set) var mustClose = false
        package fileprivate(set) var mustAbandon = false
    }

    private struct State {
        var contents = Contents()
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let isFull = Atomic<Bool>(false)

    package init() {}

    package func put(_ command: SourceCommand) {
        change { contents in
            switch command {
            case .startFetching(let partition, let offset, let tag):
                contents.fetches[partition] = .start(offset: offset, tag)
            case .stopFetching(let partition):
                contents.fetches[partition] = .stop
            case .release(let partitions):
                for partition in partitions { contents.fetches[partition] = nil }
                contents.released.formUnion(partitions)
            case .hint(let offsets):
                contents.hints.merge(offsets) { $1 }
            case .close:
                contents.mustClose = true
            }
        }
    }

    /// End at once, without leaving the group.
    package func abandon() {
        change { $0.mustAbandon = true }
    }

    /// Nil where nothing was sent: costs one atomic read.
    package func take() -> Contents? {
        guard isFull.exchange(false, ordering: .acquiringAndReleasing) else { return nil }
        return state.withLock { state in
            defer { state.contents = Contents() }
            return state.contents
        }
    }

    /// Makes the poll thread look at the flow again; called on any thread.
    package func flowEased() {
        change { _ in }
    }

    /// What wakes the poll thread. It is called under the box's lock, so that after `setWake(nil)` returns nobody is
    /// inside.
    func setWake(_ wake: (@Sendable () -> Void)?) {
        state.withLock { $0.wake = wake }
    }

    private func change(_ body: (inout Contents) -> Void) {
        state.withLock { state in
            body(&state.contents)
            isFull.store(true, ordering: .releasing)
            state.wake?()
        }
    }
}
