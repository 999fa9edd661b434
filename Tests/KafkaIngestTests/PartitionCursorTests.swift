// What may be emitted after a seek, against a fetcher that sometimes hands out what it had prefetched before.
import KafkaIngest
import Testing

@Suite struct PartitionCursorTests {
    @Test func takesTheExpectedRecordAndGapsInTheStream() {
        var cursor = PartitionCursor(expected: 10)
        #expect(cursor.judge(10) == .emit)
        #expect(cursor.judge(11) == .emit)
        #expect(cursor.judge(15) == .emit, "compaction leaves gaps")
        #expect(cursor.judge(12) == .drop)
        #expect(cursor.judge(16) == .emit)
        #expect(cursor.expected == 17)
    }

    @Test func aJumpAtTheStartMustBeSeenTwice() {
        var cursor = PartitionCursor(expected: 10)
        #expect(cursor.judge(400) == .reposition(10), "perhaps stale")
        cursor.restart()
        #expect(cursor.judge(400) == .emit, "the same after a second seek: a gap of the topic")
        #expect(cursor.expected == 401)
    }

    @Test func aStaleRecordIsForgottenOnceTheRealOneComes() {
        var cursor = PartitionCursor(expected: 10)
        #expect(cursor.judge(400) == .reposition(10))
        cursor.restart()
        #expect(cursor.judge(10) == .emit)
        cursor.restart()
        #expect(cursor.judge(400) == .reposition(11), "the old candidate does not count")
    }

    /// All logs of up to six offsets, all starts, stale records of all offsets once before each of the first two seeks:
    /// exactly the log from the start on comes out.
    @Test(arguments: 0..<64) func emitsExactlyTheLogWhateverWasPrefetched(mask: Int) {
        let log = (0..<6).filter { mask & (1 << $0) != 0 }.map(Int64.init)
        for start in Int64(0)...6 {
            for stale in log {
                #expect(replay(log, start: start, stale: [stale]) == log.filter { $0 >= start })
                for second in log where second != stale {
                    #expect(replay(log, start: start, stale: [stale, second]) == log.filter { $0 >= start })
                }
            }
        }
    }

    /// - Parameter stale: What is still in the queue when fetching starts for the first, second, ... time.
    private func replay(_ log: [Int64], start: Int64, stale: [Int64]) -> [Int64] {
        var cursor = PartitionCursor(expected: start)
        var emitted: [Int64] = []
        var position = start
        var pendingStale = stale
        var steps = 0
        fetching: while steps < 100 {
            var queue = pendingStale.isEmpty ? [] : [pendingStale.removeFirst()]
            queue += log.filter { $0 >= position }
            for offset in queue {
                steps += 1
                switch cursor.judge(offset) {
                case .emit: emitted.append(offset)
                case .drop: break
                case .reposition(let target):
                    position = target
                    cursor.restart()
                    continue fetching
                }
            }
            break
        }
        return emitted
    }
}
