// Entities in a row of BIO tags, and their exact-match score, with the semantics of conlleval: an I- tag after
// another type, or after O, starts an entity of its own.

package struct EntityChunk: Sendable, Hashable {
    package let type: String
    /// Indices of tokens.
    package let tokens: Range<Int>

    package init(type: String, tokens: Range<Int>) {
        self.type = type
        self.tokens = tokens
    }

    package static func chunks(of tags: [String]) -> [EntityChunk] {
        var chunks: [EntityChunk] = []
        var open: (type: String, start: Int)?
        for (index, tag) in (tags + ["O"]).enumerated() {
            let type = tag.hasPrefix("B-") || tag.hasPrefix("I-") ? String(tag.dropFirst(2)) : nil
            if let current = open, type != current.type || tag.hasPrefix("B-") {
                chunks.append(EntityChunk(type: current.type, tokens: current.start..<index))
                open = nil
            }
            if open == nil, let type { open = (type, index) }
        }
        return chunks
    }
}

/// Counts of one type or of all: enough to add rows up and to resample them.
package struct ChunkCounts: Sendable, Equatable {
    package var right = 0
    package var given = 0
    package var support = 0

    package init() {}

    package static func += (left: inout ChunkCounts, right: ChunkCounts) {
        left.right += right.right
        left.given += right.given
        left.support += right.support
    }

    package var scores: LabelScores { LabelScores(right: right, given: given, support: support) }
}

package struct SpanScores: Sendable {
    package private(set) var total = ChunkCounts()
    package private(set) var byType: [String: ChunkCounts] = [:]
    /// Totals of each row, for the bootstrap.
    package private(set) var rows: [ChunkCounts] = []

    package init() {}

    /// From the counts of rows alone: nothing is known by type then.
    package init(rows: [ChunkCounts]) {
        self.rows = rows
        for row in rows { total += row }
    }

    package mutating func add(truth: [EntityChunk], given: [EntityChunk]) {
        var row = ChunkCounts()
        let right = Set(truth).intersection(given)
        for chunk in truth {
            row.support += 1
            byType[chunk.type, default: ChunkCounts()].support += 1
        }
        for chunk in Set(given) {
            row.given += 1
            byType[chunk.type, default: ChunkCounts()].given += 1
        }
        for chunk in right {
            row.right += 1
            byType[chunk.type, default: ChunkCounts()].right += 1
        }
        total += row
        rows.append(row)
    }

    package var macroF1: Double {
        byType.isEmpty ? 0 : byType.values.reduce(0) { $0 + $1.scores.f1 } / Double(byType.count)
    }
}
