// The pieces of a Unigram model with their scores, in a trie over UTF-8 bytes. Immutable; shared by every worker.

package struct UnigramVocabulary: Sendable {
    package let count: Int
    /// `<s>`, `</s>` and `<unk>`.
    package let opening: Int32
    package let closing: Int32
    package let unknown: Int32
    /// What a character without a piece costs: far below every piece.
    let unknownScore: Double

    /// Edges of the trie: `node << 8 | byte` in the upper half, the child in the lower; 0 for free. At most half full.
    private let edges: [UInt64]
    /// For each node the piece that ends there; -1 for none.
    private let pieceAtNode: [Int32]
    private let scores: [Double]
    private let pieces: [String]

    private static let specials: Set<String> = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    /// The original's distance between the lowest score and an unknown character.
    private static let unknownPenalty = 10.0
    private static let mostPieces = 1_000_000
    private static let longestPiece = 1024

    package init(pieces: [String], scores: [Double], unknown: Int) throws(VocabularyFault) {
        guard pieces.count >= 5, pieces.count <= Self.mostPieces, scores.count == pieces.count else {
            throw VocabularyFault(
                description: "The vocabulary holds \(pieces.count) pieces; expected 5 to \(Self.mostPieces).")
        }
        guard pieces.indices.contains(unknown) else {
            throw VocabularyFault(description: "unk_id \(unknown) is no piece of the vocabulary.")
        }
        func identifier(_ name: String) throws(VocabularyFault) -> Int32 {
            guard let index = pieces.firstIndex(of: name) else {
                throw VocabularyFault(description: "The vocabulary has no piece \(name).")
            }
            return Int32(index)
        }
        opening = try identifier("<s>")
        closing = try identifier("</s>")
        self.unknown = Int32(unknown)
        guard scores.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else {
            throw VocabularyFault(description: "The vocabulary holds a score that is not a number below a million.")
        }
        unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
        // Every byte may become a node, and a node's number has 24 bits in an edge.
        guard pieces.reduce(0, { $0 + $1.utf8.count }) < 1 << 24 else {
            throw VocabularyFault(description: "The vocabulary's pieces are longer than 16 MB together.")
        }
        var trie = PieceTrie(expectedBytes: pieces.reduce(0) { $0 + $1.utf8.count })
        for (id, piece) in pieces.enumerated() where !Self.specials.contains(piece) {
            guard (1...Self.longestPiece).contains(piece.utf8.count) else {
                throw VocabularyFault(description: "Piece \(id) of the vocabulary is empty or over 1,024 bytes.")
            }
            if let other = trie.insert(piece, id: Int32(id)) {
                throw VocabularyFault(description: "The vocabulary holds the same piece at \(other) and \(id).")
            }
        }
        count = pieces.count
        (edges, pieceAtNode) = (trie.edges, trie.pieceAtNode)
        (self.scores, self.pieces) = (scores, pieces)
    }

    package func piece(_ id: Int32) -> String { pieces[Int(id)] }

    /// Calls `body` with the id, score and length of every piece that `bytes` begins with from `start`, shortest first.
    @inline(__always)
    func matches(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (_ id: Int32, _ score: Double, _ end: Int) -> Void
    ) {
        edges.withUnsafeBufferPointer { edges in
            var node: UInt32 = 0
            var index = start
            while index < bytes.count, let child = PieceTrie.child(of: node, bytes[index], in: edges) {
                index += 1
                node = child
                let id = pieceAtNode[Int(child)]
                if id >= 0 { body(id, scores[Int(id)], index) }
            }
        }
    }
}

/// The trie while it grows.
struct PieceTrie {
    private(set) var edges: [UInt64]
    private(set) var pieceAtNode: [Int32] = [-1]

    init(expectedBytes: Int) {
        var capacity = 64
        while capacity < expectedBytes * 2 { capacity *= 2 }
        edges = [UInt64](repeating: 0, count: capacity)
    }

    /// Adds a piece; gives back the id of an equal piece that was there before.
    mutating func insert(_ piece: String, id: Int32) -> Int32? {
        var node: UInt32 = 0
        for byte in piece.utf8 {
            if let child = edges.withUnsafeBufferPointer({ Self.child(of: node, byte, in: $0) }) {
                node = child
                continue
            }
            let key = Self.key(node, byte)
            var slot = Self.slot(key) & (edges.count - 1)
            while edges[slot] != 0 { slot = (slot + 1) & (edges.count - 1) }
            node = UInt32(pieceAtNode.count)
            edges[slot] = key << 32 | UInt64(node)
            pieceAtNode.append(-1)
        }
        let before = pieceAtNode[Int(node)]
        pieceAtNode[Int(node)] = id
        return before >= 0 ? before : nil
    }

    /// nil where no piece goes on with `byte`. Node 0 is the root and nobody's child, so a free slot is never an edge.
    @inline(__always)
    static func child(of node: UInt32, _ byte: UInt8, in edges: UnsafeBufferPointer<UInt64>) -> UInt32? {
        let key = key(node, byte)
        var slot = slot(key) & (edges.count - 1)
        while true {
            let edge = edges[slot]
            if edge == 0 { return nil }
            if edge >> 32 == key { return UInt32(truncatingIfNeeded: edge) }
            slot = (slot + 1) & (edges.count - 1)
        }
    }

    /// Fits the upper half of an edge: the vocabulary's reader bounds the number of nodes.
    @inline(__always)
    private static func key(_ node: UInt32, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }

    @inline(__always)
    private static func slot(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) }
}
