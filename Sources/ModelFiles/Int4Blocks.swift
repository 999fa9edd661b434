// Rounding to 4 bits in blocks of 32 values with a scale each, after GGML's Q4_0: numbers that were rounded like that once come
// out as they went in.
internal import TensorKernels

struct Int4Blocks {
    /// Two values a byte, the earlier one in the low half, each 8 above its multiple of the scale.
    private(set) var bytes: [UInt8] = []
    /// One a block, exact in half precision.
    private(set) var scales: [Float] = []

    /// `values` are whole blocks.
    init(_ values: UnsafeBufferPointer<Float>) {
        let length = SafetensorsFile.int4Block
        bytes.reserveCapacity(values.count / 2)
        scales.reserveCapacity(values.count / length)
        for start in stride(from: 0, to: values.count, by: length) {
            append(UnsafeBufferPointer(rebasing: values[start..<start + length]))
        }
    }

    private mutating func append(_ block: UnsafeBufferPointer<Float>) {
        let extreme = block.max { abs($0) < abs($1) } ?? 0
        // The extreme becomes -8, whatever its sign, as Q4_0 has it; or 7, which is better where both signs go as far.
        let candidates = [extreme / -8, extreme / 7].map(Self.inHalfPrecision)
        let errors = candidates.map { Self.error(of: block, scale: $0) }
        let scale = errors[1] < errors[0] ? candidates[1] : candidates[0]
        scales.append(scale)
        for pair in stride(from: 0, to: block.count, by: 2) {
            bytes.append(Self.code(block[pair], scale) | Self.code(block[pair + 1], scale) << 4)
        }
    }

    private static func inHalfPrecision(_ scale: Float) -> Float {
        let largest: Float = 65_504
        return HalfPrecision.float(fromHalf: HalfPrecision.half(from: max(-largest, min(largest, scale))))
    }

    private static func code(_ value: Float, _ scale: Float) -> UInt8 {
        guard scale != 0 else { return 8 }
        return UInt8(max(-8, min(7, (value / scale).rounded(.toNearestOrEven))) + 8)
    }

    private static func error(of block: UnsafeBufferPointer<Float>, scale: Float) -> Float {
        block.reduce(0) { sum, value in
            let difference = value - Float(Int(code(value, scale)) - 8) * scale
            return sum + difference * difference
        }
    }
}
