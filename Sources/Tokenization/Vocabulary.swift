// The word pieces and their ids, in a hash table over UTF-8 bytes. Immutable; shared by every worker.

/// Why a vocabulary was refused. The description is one sentence for people.
package struct VocabularyFault: Error, CustomStringConvertible {
    package let description: String
}

package struct Vocabulary: Sendable {
    /// Pieces that open a word and pieces that continue one (`##`) live in one table under different seeds.
    static let openingSeed: UInt64 = 0xCBF2_9CE4_8422_2325
    static let continuingSeed: UInt64 = 0x9E37_79B9_7F4A_7C15
    static let continuationMark: [UInt8] = [UInt8(ascii: "#"), UInt8(ascii: "#")]

    package let count: Int
    package let classification: Int32
    package let separator: Int32
    package let unknown: Int32
    package let padding: Int32
    /// Bytes of the longest piece, without the continuation mark.
    let longestPiece: Int

    private let bytes: [UInt8]
    private let offsets: [Int32]
    private let hashes: [UInt64]
    /// Ids by hash, -1 for free; a power of two, at most half full.
    private let slots: [Int32]
    private let isContinuation: [Bool]

    /// Reads `vocab.txt`: one piece a line, the line's number is the id.
    package init(lines text: [UInt8]) throws(VocabularyFault) {
        var pieces: [ArraySlice<UInt8>] = text.split(separator: 10, omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        pieces = pieces.map { $0.last == 13 ? $0.dropLast() : $0 }
        guard pieces.count >= 5, pieces.count < 4_000_000 else {
            throw VocabularyFault(description: "The vocabulary holds \(pieces.count) pieces; expected 5 to 4 million.")
        }
        count = pieces.count
        func identifier(_ name: String) throws(VocabularyFault) -> Int32 {
            guard let index = pieces.firstIndex(where: { $0.elementsEqual(name.utf8) }) else {
                throw VocabularyFault(description: "The vocabulary has no piece \(name).")
            }
            return Int32(index)
        }
        classification = try identifier("[CLS]")
        separator = try identifier("[SEP]")
        unknown = try identifier("[UNK]")
        padding = try identifier("[PAD]")

        var capacity = 16
        while capacity < pieces.count * 2 { capacity *= 2 }
        var blob: [UInt8] = [], starts: [Int32] = [0], marks: [UInt64] = [], continuing: [Bool] = []
        var table = [Int32](repeating: -1, count: capacity)
        var longest = 0
        for (id, line) in pieces.enumerated() {
            let continues = line.count > 2 && line.starts(with: Self.continuationMark)
            let piece = continues ? line.dropFirst(2) : line
            let hash = piece.reduce(continues ? Self.continuingSeed : Self.openingSeed, Self.mix)
            blob.append(contentsOf: piece)
            starts.append(Int32(blob.count))
            marks.append(hash)
            continuing.append(continues)
            longest = max(longest, piece.count)
            var slot = Self.slot(hash) & (capacity - 1)
            while table[slot] >= 0 {
                if pieces[Int(table[slot])] == line {
                    throw VocabularyFault(
                        description: "The vocabulary holds the same piece in lines \(table[slot] + 1) and \(id + 1).")
                }
                slot = (slot + 1) & (capacity - 1)
            }
            table[slot] = Int32(id)
        }
        (bytes, offsets, hashes, slots) = (blob, starts, marks, table)
        (isContinuation, longestPiece) = (continuing, longest)
    }

    /// FNV-1a, one byte at a time, so that the hash of every prefix of a word comes for nothing.
    @inline(__always)
    static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    @inline(__always)
    private static func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash ^ (hash >> 29)) & Int.max }

    /// The id of the piece with these bytes, whose `mix` from the seed is `hash`; nil where there is none.
    func identifier(hash: UInt64, continues: Bool, bytes piece: UnsafeBufferPointer<UInt8>) -> Int32? {
        let last = slots.count - 1
        var slot = Self.slot(hash) & last
        while true {
            let id = slots[slot]
            if id < 0 { return nil }
            let index = Int(id)
            if hashes[index] == hash, isContinuation[index] == continues {
                let start = Int(offsets[index]), end = Int(offsets[index + 1])
                if end - start == piece.count, bytes[start..<end].elementsEqual(piece) { return id }
            }
            slot = (slot + 1) & last
        }
    }

    /// The piece as it stands in `vocab.txt`.
    package func piece(_ id: Int32) -> String {
        let index = Int(id)
        let text = String(decoding: bytes[Int(offsets[index])..<Int(offsets[index + 1])], as: UTF8.self)
        return isContinuation[index] ? "##" + text : text
    }
}
