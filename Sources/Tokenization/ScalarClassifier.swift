// What the BERT normaliser does with one Unicode scalar: a two-level table expanded once from the generated runs.
// Owned by the tokenizer, immutable. It knows scalars only, not words.

/// The class and the normal form of each Unicode scalar.
struct ScalarClassifier: Sendable {
    enum Kind: UInt8 {
        case letter, control, mark, punctuation, space, ideograph
    }

    /// Low 21 bits: the mapped scalar, or an index into `several`; then the kind; then the flags.
    struct Entry {
        let bits: UInt32
        var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: (bits >> 21) & 7)) ?? .control }
        /// Zero: maps to itself.
        var target: UInt32 { bits & 0x1F_FFFF }
        var mapsToSeveral: Bool { bits & Entry.severalFlag != 0 }
        static let severalFlag: UInt32 = 1 << 24
    }

    /// The whole of Unicode is 17 planes of 2^16 scalars, in pages of 128.
    private static let pageShift: UInt32 = 7
    private static let pageMask: UInt32 = 127
    private let pages: [UInt16]
    private let entries: [UInt32]
    private let several: [[UInt32]]

    /// One table for the process: about 150 kB, built in a few milliseconds.
    static let shared = ScalarClassifier()

    private init() {
        var flat = [UInt32](repeating: 0, count: 0x110000)
        func mark(_ table: StaticString, _ kind: Kind) {
            var point = 0
            RunReader.read(table) { run in
                point += run.start
                for offset in 0..<run.count { flat[point + offset] |= UInt32(kind.rawValue) << 21 }
                point += run.count
            }
        }
        mark(BertScalarTable.control, .control)
        mark(BertScalarTable.mark, .mark)
        mark(BertScalarTable.punctuation, .punctuation)
        mark(BertScalarTable.space, .space)
        mark(BertScalarTable.ideograph, .ideograph)

        var start = 0
        RunReader.read(BertScalarTable.single) { run in
            start += run.start
            for step in 0..<run.count {
                flat[start + step * run.stride] |= UInt32(run.targets[0] + step * run.stride)
            }
        }
        var lists: [[UInt32]] = []
        RunReader.read(BertScalarTable.several) { run in
            flat[run.start] |= UInt32(lists.count) | Entry.severalFlag
            lists.append(run.targets.map { UInt32($0) })
        }
        (pages, entries) = Self.compress(flat)
        several = lists
    }

    private static func compress(_ flat: [UInt32]) -> (pages: [UInt16], entries: [UInt32]) {
        let size = Int(pageMask) + 1
        var known: [ArraySlice<UInt32>: UInt16] = [:]
        var pages: [UInt16] = []
        var entries: [UInt32] = []
        for first in stride(from: 0, to: flat.count, by: size) {
            let page = flat[first..<first + size]
            if let index = known[page] {
                pages.append(index)
                continue
            }
            let index = UInt16(entries.count / size)
            known[page] = index
            pages.append(index)
            entries.append(contentsOf: page)
        }
        return (pages, entries)
    }

    /// `scalar` is a valid Unicode scalar value.
    func entry(_ scalar: UInt32) -> Entry {
        let page = Int(pages[Int(scalar >> Self.pageShift)])
        return Entry(bits: entries[page << Int(Self.pageShift) | Int(scalar & Self.pageMask)])
    }

    func targets(_ entry: Entry) -> [UInt32] { several[Int(entry.target)] }

    /// The canonical decomposition of a Hangul syllable (The Unicode Standard, section 3.12), nil for other scalars.
    static func hangulParts(_ scalar: UInt32) -> (UInt32, UInt32, UInt32?)? {
        guard scalar >= 0xAC00, scalar < 0xAC00 + 11_172 else { return nil }
        let index = scalar - 0xAC00
        let trailing = index % 28
        return (0x1100 + index / 588, 0x1161 + index % 588 / 28, trailing == 0 ? nil : 0x11A7 + trailing)
    }
}

/// Reads the generated runs: `start`, optional `+count`, optional `*stride`, optional `=target,target`.
private enum RunReader {
    struct Run {
        var start = 0
        var count = 1
        var stride = 1
        var targets: [Int] = []
    }

    static func read(_ table: StaticString, _ use: (Run) -> Void) {
        var run = Run()
        var number = 0
        var field = UInt8(ascii: "s")
        func finishField() {
            switch field {
            case UInt8(ascii: "+"): run.count = number
            case UInt8(ascii: "*"): run.stride = number
            case UInt8(ascii: "="), UInt8(ascii: ","): run.targets.append(number)
            default: run.start = number
            }
            number = 0
        }
        func finishRun() {
            finishField()
            use(run)
            run = Run()
            field = UInt8(ascii: "s")
        }
        table.withUTF8Buffer { bytes in
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | Int(byte - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | Int(byte - UInt8(ascii: "a") + 10)
                case UInt8(ascii: " "): finishRun()
                default:
                    finishField()
                    field = byte
                }
            }
            finishRun()
        }
    }
}
