// Set once, from any thread: requests under way that were given it end within about a second, later ones at once.
internal import Synchronization

package final class RequestStop: Sendable {
    private let value = Atomic(false)

    package init() {}

    package func set() { value.store(true, ordering: .relaxed) }
    package var isSet: Bool { value.load(ordering: .relaxed) }
}
