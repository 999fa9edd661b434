// Thousands of seeded runs of the whole protocol against a hostile world, and the proof that the checks can fail.
import Foundation
import Testing

/// Seeds a run covers; WINNOW_SIMULATION_SEEDS asks for more, WINNOW_SIMULATION_FIRST for others.
private let seedCount = UInt64(ProcessInfo.processInfo.environment["WINNOW_SIMULATION_SEEDS"] ?? "") ?? 2_000
private let firstSeed = UInt64(ProcessInfo.processInfo.environment["WINNOW_SIMULATION_FIRST"] ?? "") ?? 1

@Suite struct SimulationTests {
    @Test func everySeedKeepsThePromises() async throws {
        let halves = [0, 1].map { half in
            Task { () -> [String] in
                var failures: [String] = []
                for seed in firstSeed..<(firstSeed + seedCount) where Int(seed % 2) == half {
                    do { try SimulatedWorld(seed: seed).run() } catch { failures.append("seed \(seed): \(error)") }
                }
                return failures
            }
        }
        for half in halves {
            let failures = await half.value
            #expect(failures.isEmpty, "\(failures.count) seeds failed; the first: \(failures.prefix(5))")
        }
    }

    /// The faults happen: a world that is too friendly would prove nothing.
    @Test func worldIsHostile() throws {
        var (kills, fences, bisections, unknownCommits) = (0, 0, 0, 0)
        for seed in UInt64(1)...200 {
            let world = SimulatedWorld(seed: seed)
            try world.run()
            kills += world.kills
            fences += world.fences
            bisections += world.bisections
            unknownCommits += world.unknownCommits
        }
        #expect(kills > 100 && fences > 50 && bisections > 50 && unknownCommits > 50)
    }

    /// The same seed gives the same run: a failure's seed is its report.
    @Test func seedsRepeat() throws {
        for seed in UInt64(1)...20 {
            let worlds = [SimulatedWorld(seed: seed), SimulatedWorld(seed: seed)]
            for world in worlds { try world.run() }
            #expect(worlds[0].now == worlds[1].now)
            #expect(worlds[0].database.outcomesOfRecord == worlds[1].database.outcomesOfRecord)
        }
    }

    /// Token, offset and the answer to an unknown COMMIT are two lines of defence: where one alone is broken the other holds,
    /// so those are broken in pairs.
    static let defects: [Set<DatabaseDefect>] = [
        [.tokenIgnored, .offsetIgnored], [.claimKeepsToken, .offsetIgnored],
        [.resolveNeverCommitted, .offsetIgnored], [.resolveAlwaysCommitted], [.offsetMovedBeforeRows],
        [.tombstoneIgnored], [.olderEditOverwrites], [.deleteLeavesEntities], [.purgeLeavesPosts], [.hintAsTruth],
        [.gapNotCounted], [.deadLetterForgotten], [.claimForgetsCrashes], [.hideEndsPurge],
        [.accountHasOneVersion], [.purgeTakesNewerPosts], [.restoreEndsPurge],
    ]

    @Test(arguments: defects)
    func everyDefectOfTheDatabaseIsNoticed(defects: Set<DatabaseDefect>) {
        let noticed = (UInt64(1)...2_000).contains { seed in
            do {
                try SimulatedWorld(seed: seed, defects: defects).run()
                return false
            } catch { return true }
        }
        #expect(noticed, "no seed notices \(defects)")
    }
}
