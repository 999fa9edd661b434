// SHA-256 (FIPS 180-4). Own code, because one hash at load does not pay for a cryptography package and its minutes of
// build time; it identifies weights and guards no secret.

package struct SHA256 {
    private static let constants: [UInt32] = primes(64).map { fraction(Double($0).cubeRoot) }
    private static let initial: [UInt32] = primes(8).map { fraction(Double($0).squareRoot()) }

    /// The 64 hexadecimal digits of the hash.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        var state = initial
        var schedule = [UInt32](repeating: 0, count: 64)
        let whole = bytes.count / 64 * 64
        bytes.withUnsafeBytes { buffer in
            for start in stride(from: 0, to: whole, by: 64) {
                mix(UnsafeRawBufferPointer(rebasing: buffer[start..<start + 64]), &state, &schedule)
            }
        }
        var tail = Array(bytes[whole...]) + [0x80]
        while tail.count % 64 != 56 { tail.append(0) }
        withUnsafeBytes(of: UInt64(bytes.count * 8).bigEndian) { tail.append(contentsOf: $0) }
        tail.withUnsafeBytes { buffer in
            for start in stride(from: 0, to: buffer.count, by: 64) {
                mix(UnsafeRawBufferPointer(rebasing: buffer[start..<start + 64]), &state, &schedule)
            }
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func mix(_ block: UnsafeRawBufferPointer, _ state: inout [UInt32], _ schedule: inout [UInt32]) {
        constants.withUnsafeBufferPointer { constants in
            schedule.withUnsafeMutableBufferPointer { words in
                for index in 0..<16 {
                    words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
                }
                for index in 16..<64 {
                    let early = words[index - 15], late = words[index - 2]
                    let first = rotate(early, 7) ^ rotate(early, 18) ^ (early >> 3)
                    let second = rotate(late, 17) ^ rotate(late, 19) ^ (late >> 10)
                    words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
                }
                var (a, b, c, d) = (state[0], state[1], state[2], state[3])
                var (e, f, g, h) = (state[4], state[5], state[6], state[7])
                for index in 0..<64 {
                    let first = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
                    let one = h &+ first &+ ((e & f) ^ (~e & g)) &+ constants[index] &+ words[index]
                    let second = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
                    let two = second &+ ((a & b) ^ (a & c) ^ (b & c))
                    (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ two)
                }
                for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
            }
        }
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    private static func primes(_ count: Int) -> [Int] {
        var found: [Int] = []
        var candidate = 2
        while found.count < count {
            if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
            candidate += 1
        }
        return found
    }

    /// The first 32 bits behind the point.
    private static func fraction(_ root: Double) -> UInt32 { UInt32((root - root.rounded(.down)) * 0x1p32) }
}

extension Double {
    /// Newton's method: exact enough for 32 bits behind the point, and needs no C library.
    fileprivate var cubeRoot: Double {
        var root = self / 2
        for _ in 0..<200 { root -= (root * root * root - self) / (3 * root * root) }
        return root
    }
}
