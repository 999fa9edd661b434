// The rules of merging, against the oracle, and the proof that this test would notice a fault in them.
import PostgresDelivery
import Testing

@Suite struct MergeSemanticsTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func agreesWithTheOracle(seed: UInt64) throws {
        var trial = try MergeTrial(database: TestDatabase(), seed: seed)
        let difference = try trial.run(deliveries: 60)
        #expect(difference == nil, "seed \(seed)")
    }
}
