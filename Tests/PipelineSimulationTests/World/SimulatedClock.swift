// Simulated time: a queue of things to do, in the order of their times, ties in the order in which they were planned.

struct SimulatedClock {
    private struct Appointment {
        let time: Duration
        let order: Int
        let action: () -> Void
        func isBefore(_ other: Appointment) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private(set) var now: Duration = .zero
    private var heap: [Appointment] = []
    private var planned = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(after delay: Duration, _ action: @escaping () -> Void) {
        planned += 1
        heap.append(Appointment(time: now + max(delay, .zero), order: planned, action: action))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the next thing to do and moves the time to it.
    mutating func next() -> (() -> Void)? {
        guard let first = heap.first else { return nil }
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let smallest = children.min(by: { heap[$0].isBefore(heap[$1]) }),
                heap[smallest].isBefore(heap[parent])
            else { break }
            heap.swapAt(smallest, parent)
            parent = smallest
        }
        now = first.time
        return first.action
    }
}
