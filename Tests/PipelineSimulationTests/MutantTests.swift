// Mutation testing of the protocol: a simulation that lets a broken machine pass is worth nothing.
import Testing

/// One after another: each builds and runs a program of its own.
@Suite(.serialized) struct MutantTests {
    /// Seeds that every mutant gets; the unbroken machine passes them all.
    static let seeds = 1_500

    @Test func unbrokenMachineSurvives() async throws {
        #expect(try await MutantCompiler().verdict(on: nil, seeds: Self.seeds) == .survived)
    }

    @Test(arguments: Mutant.all)
    func isNoticed(mutant: Mutant) async throws {
        #expect(try await MutantCompiler().verdict(on: mutant, seeds: Self.seeds) == .noticed)
    }
}
