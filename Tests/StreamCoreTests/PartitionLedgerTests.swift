// The ledger against a plain list that does the same by brute force, through long random histories; and its edges by name.
import StreamCore
import Testing

@Suite struct PartitionLedgerTests {
    /// The same rules without any cleverness.
    private struct PlainLedger {
        var entries: [(offset: Int64, stage: RecordStage)] = []
        var due: Int64
        var delivering = 0

        var readyPrefix: Int { entries.prefix { $0.stage == .ready }.count }
    }

    @Test(arguments: UInt64(1)...200)
    func agreesWithThePlainOne(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let start = Int64.random(in: 0...9, using: &random)
        var ledger = PartitionLedger<Int>(nextOffset: start)
        var plain = PlainLedger(due: start)
        for step in 0..<300 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                let offset = plain.due + Int64.random(in: -2...2, using: &random)
                let admission = ledger.admit(offset: offset, byteCount: 1, payload: step)
                #expect((admission == .duplicate) == (offset < plain.due))
                if offset >= plain.due {
                    plain.entries.append((offset, .received))
                    plain.due = offset + 1
                }
            case 4...6:
                guard let index = plain.entries.indices.randomElement(using: &random),
                    let next = RecordStage(rawValue: plain.entries[index].stage.rawValue + 1)
                else { continue }
                plain.entries[index].stage = next
                let isThere = ledger.advance(ledger.firstSequence + index, to: next)
                #expect(isThere)
            case 7:
                guard plain.delivering == 0, plain.readyPrefix > 0 else { continue }
                let limit = Int.random(in: 1...5, using: &random)
                let taken = ledger.beginDelivery(recordLimit: limit, byteLimit: .max)
                plain.delivering = min(limit, plain.readyPrefix)
                #expect(taken.map(\.offset) == plain.entries.prefix(plain.delivering).map(\.offset))
            case 8:
                guard plain.delivering > 0 else { continue }
                if Bool.random(using: &random) {
                    let last = plain.entries[plain.delivering - 1].offset
                    let share = ledger.commitDelivery()
                    #expect(share.records == plain.delivering)
                    #expect(ledger.deliveredOffset == last + 1)
                    plain.entries.removeFirst(plain.delivering)
                } else {
                    ledger.cancelDelivery()
                }
                plain.delivering = 0
            default:
                guard Int.random(in: 0..<6, using: &random) == 0 else { continue }
                let keep = plain.entries.prefix { $0.stage.rawValue >= RecordStage.enriching.rawValue }.count
                let share = ledger.dropUnstarted()
                #expect(share.records == plain.entries.count - keep)
                plain.entries.removeLast(plain.entries.count - keep)
                // A drain polls no more.
                return #expect(ledger.count == keep)
            }
            #expect(ledger.count == plain.entries.count)
            #expect(ledger.readyPrefix == plain.readyPrefix)
            #expect(ledger.deliverableCount == plain.readyPrefix - plain.delivering)
        }
    }

    @Test func oneRecordGoesHoweverLargeItIs() {
        var ledger = PartitionLedger<Int>(nextOffset: 0)
        for offset in Int64(0)..<3 {
            _ = ledger.admit(offset: offset, byteCount: 100, payload: 0)
            ledger.advance(Int(offset), to: .ready)
        }
        let one = ledger.beginDelivery(recordLimit: 10, byteLimit: 1)
        #expect(one.count == 1)
        ledger.cancelDelivery()
        let two = ledger.beginDelivery(recordLimit: 10, byteLimit: 200)
        #expect(two.count == 2)
    }

    @Test func condemnedRecordsAreReadyAtAnyStage() {
        for stage in RecordStage.allCases {
            var ledger = PartitionLedger<String>(nextOffset: 5)
            _ = ledger.admit(offset: 5, byteCount: 1, payload: "post")
            if stage != .received { ledger.advance(0, to: stage) }
            ledger.condemn(0, payload: "dead letter")
            #expect(ledger.deliverableCount == 1)
            #expect(ledger.entry(0)?.payload == "dead letter")
            #expect(ledger.entry(0)?.isCondemned == true)
        }
    }

    @Test func whatIsGoneCannotBeMoved() {
        var ledger = PartitionLedger<Int>(nextOffset: 0)
        _ = ledger.admit(offset: 0, byteCount: 7, payload: 1)
        let share = ledger.dropAll()
        #expect(share.records == 1 && share.bytes == 7)
        let isThere = ledger.advance(0, to: .ready)
        #expect(!isThere)
        #expect(ledger.entry(0) == nil)
    }
}
