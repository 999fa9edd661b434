// Mutation testing of the protocol: a simulation that lets a broken machine pass is worth nothing.
import Testing

/// Seeds that every mutant gets; the unbroken machine passes them all. The rarest is noticed by about one in a hundred.
private let seeds = 2_000

/// One after another: each runs a program of its own. Two suites, for two cores.
@Suite(.serialized) struct MutantTests {
    @Test func unbrokenMachineSurvives() async throws {
        #expect(try await MutantProgram.shared.value.verdict(onMutant: 0, seeds: 1...seeds / 2) == .survived)
    }

    @Test(arguments: zip(1..., Mutant.all).filter { $0.0 % 2 == 0 })
    func isNoticed(number: Int, mutant: Mutant) async throws {
        #expect(try await MutantProgram.shared.value.verdict(onMutant: number, seeds: 1...seeds) == .noticed)
    }
}

@Suite(.serialized) struct OtherMutantTests {
    @Test func unbrokenMachineSurvives() async throws {
        #expect(try await MutantProgram.shared.value.verdict(onMutant: 0, seeds: (seeds / 2 + 1)...seeds) == .survived)
    }

    @Test(arguments: zip(1..., Mutant.all).filter { $0.0 % 2 == 1 })
    func isNoticed(number: Int, mutant: Mutant) async throws {
        #expect(try await MutantProgram.shared.value.verdict(onMutant: number, seeds: 1...seeds) == .noticed)
    }
}
