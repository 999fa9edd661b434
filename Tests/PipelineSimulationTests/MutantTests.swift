// Mutation testing of the protocol: a simulation that lets a broken machine pass is worth nothing.
import Testing

/// Seeds that every mutant gets; the unbroken machine passes them all.
private let seeds = 1_500

/// One after another: each builds and runs a program of its own. Two suites, for two cores.
@Suite(.serialized) struct MutantTests {
    @Test func unbrokenMachineSurvives() async throws {
        #expect(try await MutantCompiler().verdict(on: nil, seeds: seeds) == .survived)
    }

    @Test(arguments: Mutant.all.prefix(Mutant.all.count / 2))
    func isNoticed(mutant: Mutant) async throws {
        #expect(try await MutantCompiler().verdict(on: mutant, seeds: seeds) == .noticed)
    }
}

@Suite(.serialized) struct OtherMutantTests {
    @Test(arguments: Mutant.all.suffix(from: Mutant.all.count / 2))
    func isNoticed(mutant: Mutant) async throws {
        #expect(try await MutantCompiler().verdict(on: mutant, seeds: seeds) == .noticed)
    }
}
