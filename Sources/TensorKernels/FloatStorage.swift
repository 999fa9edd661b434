// Memory for floats: one aligned allocation with one owner. What lies in it is the owner's business.

/// A scratch buffer: one owner, one thread at a time.
package struct FloatBuffer: ~Copyable {
    package let base: UnsafeMutablePointer<Float>
    package let count: Int

    /// `count` floats, zeroed, aligned to a cache line.
    package init(count: Int) {
        precondition(count >= 0)
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: FloatStorage.alignment)
        base = raw.bindMemory(to: Float.self, capacity: max(1, count))
        base.initialize(repeating: 0, count: max(1, count))
        self.count = count
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

}

/// Weights: filled once while it is made, only read afterwards, and shared by every worker: therefore Sendable.
package final class FloatStorage: @unchecked Sendable {
    static let alignment = 64

    // Sendable because nothing writes after `init` has returned, and the memory lives as long as the object.
    package let base: UnsafePointer<Float>
    package let count: Int

    /// Makes `count` floats and lets `fill` write each of them.
    package init<Failure: Error>(
        count: Int, fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
    ) throws(Failure) {
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: Self.alignment)
        let floats = raw.bindMemory(to: Float.self, capacity: max(1, count))
        floats.initialize(repeating: 0, count: max(1, count))
        base = UnsafePointer(floats)
        self.count = count
        try fill(UnsafeMutableBufferPointer(start: floats, count: count))
    }

    package convenience init(_ values: [Float]) {
        self.init(count: values.count) { target in
            for (index, value) in values.enumerated() { target[index] = value }
        }
    }

    deinit { UnsafeMutableRawPointer(mutating: base).deallocate() }

    /// The values for the length of a call: a pointer must not outlive the object, and a temporary dies early.
    package func withView<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeBufferPointer(start: base, count: count))
    }

    package var values: [Float] { withView { Array($0) } }
}
