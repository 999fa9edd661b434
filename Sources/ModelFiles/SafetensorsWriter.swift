// Writer of the safetensors container. Wide elements come first, then by name; the header is padded so that the data
// begins at a multiple of 64 bytes.
internal import Foundation
internal import TensorKernels

package struct SafetensorsWriter {
    /// How a tensor is stored.
    package enum Storage: Sendable {
        case float32, float16, bfloat16
        /// One signed byte a value and one F32 scale a row (`NAME.scales`): the row's largest magnitude becomes 127.
        case int8PerRow
        /// Four bits a value, from -8 to 7, and one F16 scale for each 32 values of a row (`NAME.scales`); rows are whole
        /// blocks.
        case int4PerBlock
    }

    private struct Part {
        let type: SafetensorsFile.ElementType
        let shape: [Int]
        let bytes: [UInt8]
    }

    private var parts: [String: Part] = [:]
    private var metadata: [String: String]

    package init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// Adds a tensor; the name must be new.
    package mutating func add(_ name: String, shape: [Int], values: UnsafeBufferPointer<Float>, as storage: Storage) {
        precondition(shape.reduce(1, *) == values.count && parts[name] == nil)
        switch storage {
        case .float32:
            parts[name] = Part(type: .float32, shape: shape, bytes: Self.bytes(values) { $0.bitPattern })
        case .float16:
            parts[name] = Part(type: .float16, shape: shape, bytes: Self.bytes(values, HalfPrecision.half(from:)))
        case .bfloat16:
            parts[name] = Part(type: .bfloat16, shape: shape, bytes: Self.bytes(values) { value in
                let bits = value.bitPattern
                return UInt16((bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
            })
        case .int8PerRow: addQuantized(name, shape: shape, values: values)
        case .int4PerBlock: addPacked(name, shape: shape, values: values)
        }
    }

    private mutating func addQuantized(_ name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
        let rows = shape[0], width = values.count / max(1, rows)
        var scales = [Float](repeating: 0, count: rows)
        var bytes = [UInt8](repeating: 0, count: values.count)
        for row in 0..<rows {
            let range = row * width..<(row + 1) * width
            let largest = range.reduce(Float(0)) { max($0, abs(values[$1])) }
            let scale = largest / 127
            scales[row] = scale
            guard scale > 0 else { continue }
            for index in range {
                let quantized = (values[index] / scale).rounded(.toNearestOrEven)
                bytes[index] = UInt8(bitPattern: Int8(max(-127, min(127, quantized))))
            }
        }
        parts[name] = Part(type: .int8, shape: shape, bytes: bytes)
        scales.withUnsafeBufferPointer {
            add(name + SafetensorsFile.scalesSuffix, shape: [rows], values: $0, as: .float32)
        }
    }

    private mutating func addPacked(_ name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
        precondition(shape.count == 2 && shape[1] % SafetensorsFile.int4Block == 0)
        let packed = Int4Blocks(values)
        parts[name] = Part(type: .packedInt4, shape: [shape[0], shape[1] / 2], bytes: packed.bytes)
        packed.scales.withUnsafeBufferPointer {
            add(name + SafetensorsFile.scalesSuffix, shape: [shape[0], shape[1] / SafetensorsFile.int4Block], values: $0,
                as: .float16)
        }
    }

    private static func bytes<Bits: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Float>, _ bits: (Float) -> Bits
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(values.count * MemoryLayout<Bits>.size)
        for value in values {
            withUnsafeBytes(of: bits(value).littleEndian) { result.append(contentsOf: $0) }
        }
        return result
    }

    /// Writes the file, whole or not at all.
    package func write(to path: String) throws(ModelFileFault) {
        var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
        var offset = 0
        // Wide elements first, so that every tensor is aligned to its element.
        let ordered = parts.sorted { ($1.value.type.byteCount, $0.key) < ($0.value.type.byteCount, $1.key) }
        for (name, part) in ordered {
            let end = offset + part.bytes.count
            let offsets = [offset, end]
            header[name] = ["dtype": part.type.rawValue, "shape": part.shape, "data_offsets": offsets] as [String: Any]
            offset = end
        }
        guard var json = try? Array(JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])) else {
            throw ModelFileFault("\(path): the tensor names cannot be written as JSON.")
        }
        while (json.count + 8) % 64 != 0 { json.append(UInt8(ascii: " ")) }
        let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
        try FileBytes.replace(path, with: [length, json] + ordered.map(\.value.bytes))
    }
}
