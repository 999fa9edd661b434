// Reader of the safetensors container: eight bytes of header length, a JSON header, the tensors' bytes without gaps.
// A hostile file is refused with one sentence; nothing here knows what a tensor is for.
internal import Foundation
package import TensorKernels

package struct SafetensorsFile: Sendable {
    package enum ElementType: String, Sendable {
        case float32 = "F32", float16 = "F16", bfloat16 = "BF16", int8 = "I8", int64 = "I64"
        /// Two values of 4 bits a byte, the earlier one in the low half; the format has no type of its own for them.
        case packedInt4 = "U8"

        package var byteCount: Int {
            switch self {
            case .float32: 4
            case .float16, .bfloat16: 2
            case .int8, .packedInt4: 1
            case .int64: 8
            }
        }

        /// How many values an element holds.
        var valueCount: Int { self == .packedInt4 ? 2 : 1 }
        /// Whether the values are multiples of scales in a tensor beside.
        package var hasScales: Bool { self == .int8 || self == .packedInt4 }
    }

    package struct Tensor: Sendable {
        package let type: ElementType
        /// The shape of the values: of packed ones, the last dimension is twice that of the bytes.
        package let shape: [Int]
        /// Offsets in the file's bytes.
        let range: Range<Int>
        package var elementCount: Int { shape.reduce(1, *) }
    }

    /// Scales of a tensor `x` lie in the tensor `x.scales`: of I8 one a row of x's first dimension, of packed 4 bits one for
    /// each `int4Block` values of a row (the block of GGML's Q4_0).
    package static let scalesSuffix = ".scales"
    package static let int4Block = 32
    private static let longestHeader = 16 << 20

    package let tensors: [String: Tensor]
    package let metadata: [String: String]
    private let bytes: [UInt8]
    private let source: String

    /// Checks the header: its length, every dtype, shape and offset; no overlap, no gap, nothing after the last tensor.
    package init(bytes: [UInt8], source: String) throws(ModelFileFault) {
        func refuse(_ reason: String) -> ModelFileFault {
            ModelFileFault("\(source) is no safetensors file: \(reason).")
        }
        guard bytes.count >= 10 else { throw refuse("it has only \(bytes.count) bytes") }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length >= 2, length <= Self.longestHeader, length <= bytes.count - 8 else {
            throw refuse("its header claims \(length) bytes, the file has \(bytes.count)")
        }
        let start = 8 + Int(length)
        let header: SafetensorsHeader
        do {
            header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes[8..<start]))
        } catch {
            throw refuse("its header is not the JSON object it should be")
        }
        var tensors: [String: Tensor] = [:]
        for (name, entry) in header.entries {
            tensors[name] = try Self.tensor(
                name, entry, dataStart: start, dataCount: bytes.count - start, source: source)
        }
        var end = start
        let ranges = tensors.values.map(\.range)
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            guard range.lowerBound == end else { throw refuse("its tensors overlap or leave gaps") }
            end = range.upperBound
        }
        guard end == bytes.count else { throw refuse("\(bytes.count - end) bytes follow the last tensor") }
        self.tensors = tensors
        metadata = header.metadata
        self.bytes = bytes
        self.source = source
    }

    private static func tensor(
        _ name: String, _ entry: SafetensorsHeader.Entry, dataStart: Int, dataCount: Int, source: String
    ) throws(ModelFileFault) -> Tensor {
        let shown = name.prefix(128)
        guard let type = ElementType(rawValue: entry.dtype) else {
            throw ModelFileFault(
                "\(source): tensor \(shown) has the dtype \(entry.dtype.prefix(16)), which is not read.")
        }
        var count = type.byteCount
        var shape = entry.shape
        for dimension in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else {
                throw ModelFileFault("\(source): tensor \(shown) has an impossible shape.")
            }
            count = product
        }
        guard entry.data_offsets.count == 2, entry.shape.count <= 8,
            case let (from, to) = (entry.data_offsets[0], entry.data_offsets[1]),
            from >= 0, to >= from, to <= dataCount, to - from == count
        else {
            throw ModelFileFault("\(source): tensor \(shown) has offsets that do not fit its shape or the file.")
        }
        // A dimension beside a 0 may be of any size: it passes the test above and is empty all the same.
        if let last = shape.indices.last { shape[last] = shape[last].multipliedReportingOverflow(by: type.valueCount).partialValue }
        return Tensor(type: type, shape: shape, range: dataStart + from..<dataStart + to)
    }

    /// The tensor as floats, whatever it is stored as. Throws where it is missing, has another shape, or holds a
    /// value that is not finite.
    package func floats(_ name: String, shape: [Int]) throws(ModelFileFault) -> FloatStorage {
        guard let tensor = tensors[name] else { throw ModelFileFault("\(source) lacks the tensor \(name).") }
        guard tensor.shape == shape else {
            throw ModelFileFault("\(source): tensor \(name) has the shape \(tensor.shape), expected \(shape).")
        }
        var scales: FloatStorage?
        if tensor.type == .int8 {
            guard let rows = shape.first else { throw ModelFileFault("\(source): tensor \(name) is I8 without rows.") }
            scales = try floats(name + Self.scalesSuffix, shape: [rows])
        } else if tensor.type == .packedInt4 {
            guard shape.count == 2, shape[1] % Self.int4Block == 0 else {
                throw ModelFileFault("\(source): tensor \(name) is U8 without rows of whole blocks of \(Self.int4Block) values.")
            }
            scales = try floats(name + Self.scalesSuffix, shape: [shape[0], shape[1] / Self.int4Block])
        } else if tensor.type == .int64 {
            throw ModelFileFault("\(source): tensor \(name) holds I64, expected numbers with a fraction.")
        }
        let result = FloatStorage(count: tensor.elementCount) { target in
            bytes.withUnsafeBytes { all in
                Self.decode(UnsafeRawBufferPointer(rebasing: all[tensor.range]), tensor, scales, into: target)
            }
        }
        guard result.withView({ $0.allSatisfy(\.isFinite) }) else {
            throw ModelFileFault("\(source): tensor \(name) holds a value that is not a finite number.")
        }
        return result
    }

    private static func decode(
        _ raw: UnsafeRawBufferPointer, _ tensor: Tensor, _ scales: FloatStorage?,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        switch tensor.type {
        case .float32:
            for index in 0..<target.count {
                let bits = raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                target[index] = Float(bitPattern: UInt32(littleEndian: bits))
            }
        case .float16:
            for index in 0..<target.count {
                let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
                target[index] = HalfPrecision.float(fromHalf: bits)
            }
        case .bfloat16:
            for index in 0..<target.count {
                let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
                target[index] = Float(bitPattern: UInt32(bits) << 16)
            }
        case .int8:
            guard let scales, scales.count > 0 else { return }
            let width = target.count / scales.count
            for (row, scale) in scales.values.enumerated() {
                for index in row * width..<(row + 1) * width {
                    target[index] = Float(Int8(bitPattern: raw[index])) * scale
                }
            }
        case .packedInt4:
            guard let scales else { return }
            for (block, scale) in scales.values.enumerated() {
                let first = block * Self.int4Block
                for pair in 0..<Self.int4Block / 2 {
                    let byte = raw[first / 2 + pair]
                    target[first + 2 * pair] = Float(Int(byte & 15) - 8) * scale
                    target[first + 2 * pair + 1] = Float(Int(byte >> 4) - 8) * scale
                }
            }
        case .int64:
            break
        }
    }
}

/// The JSON header: names to entries, and `__metadata__`.
private struct SafetensorsHeader: Decodable {
    struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            if key.stringValue == "__metadata__" {
                metadata = try container.decode([String: String].self, forKey: key)
            } else {
                entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }
}
