// One block of floats with a fixed address: parameters, gradients, moments and activations live in such blocks.
// The owner decides who writes when; nothing here locks.
internal import CVectorKernels

/// A zeroed, 64-byte aligned block of floats, freed with its last reference.
///
/// `@unchecked Sendable`: the pointer never changes after `init` and the block lives as long as the object.
/// Writes are ordered by the owners: the training loop's workers write disjoint blocks and are joined before
/// anyone reads them.
package final class FloatBlock: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    package init(count: Int) {
        self.count = count
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        pointer = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    package func clear() { pointer.update(repeating: 0, count: count) }

    package func copy(from other: FloatBlock) {
        precondition(other.count == count, "blocks of different sizes")
        pointer.update(from: other.pointer, count: count)
    }

    package func add(_ other: FloatBlock) {
        precondition(other.count == count, "blocks of different sizes")
        winnow_training_add(pointer, other.pointer, count)
    }

    package var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
