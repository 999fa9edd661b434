// A model that teaches the student while it trains: its numbers, and which of its parts go with which of the student's. Read once,
// shared by all workers, never changed.
package import Foundation
internal import ModelFiles

package final class LocalTeacher: Sendable {
    let recipe: TeacherRecipe
    /// The teacher's own shape, with the heads that teach.
    let network: StudentNetwork
    let parameters: FloatBlock
    /// For each of the network's heads: the student's that it teaches, and the temperature it was calibrated with.
    let heads: [(student: Int, temperature: Float)]
    /// SHA-256 of the weights' file.
    package let weightsHash: String

    /// - Throws: one sentence where the folder is no model, reads other tokens than the student, or is of another width.
    package init(
        _ recipe: TeacherRecipe, directory: URL, for student: StartingWeights, heads specifications: [TaskHeadSpecification],
        maximumTokens: Int
    ) throws {
        let start = try StartingWeights(directory: directory)
        let place = directory.path
        try Self.check(recipe, teacher: start, student: student, maximumTokens: maximumTokens, place)
        let configured = try ModelFolder(path: directory.path).configuration.heads
        var taught: [(head: TaskHeadSpecification, student: Int, temperature: Float)] = []
        if let wanted = recipe.heads {
            for (index, head) in specifications.enumerated() where wanted.names?.contains(head.name) ?? true {
                guard let own = configured.first(where: { $0.name == head.name }), Self.agrees(own, head) else {
                    if wanted.names == nil { continue }
                    throw TrainingFailure(
                        "The teacher \(place) has no head \(head.name) of one layer with the recipe's labels: take it out of the "
                            + "teacher's heads in the recipe.")
                }
                taught.append((head, index, own.temperature))
            }
            if let stranger = wanted.names?.first(where: { name in !specifications.contains { $0.name == name } }) {
                throw TrainingFailure("The recipe lets the teacher teach a head \(stranger) that it does not list: add it.")
            }
        }
        self.recipe = recipe
        network = StudentNetwork(
            shape: start.shape, rates: EncoderRates(embeddings: 0, layers: 0), heads: taught.map(\.head), headRate: 0,
            losses: taught.map { _ in SoftmaxCrossEntropy() })
        heads = taught.map { ($0.student, $0.temperature) }
        parameters = FloatBlock(count: network.table.count)
        try start.load(into: parameters, of: network, complete: true)
        weightsHash = try start.weightsHash()
    }

    /// For tests: a teacher of given numbers.
    package init(_ recipe: TeacherRecipe, network: StudentNetwork, parameters: FloatBlock, heads: [Int]) {
        self.recipe = recipe
        self.network = network
        self.parameters = parameters
        self.heads = heads.map { ($0, 1) }
        weightsHash = ""
    }

    private static func agrees(_ own: HeadSettings, _ head: TaskHeadSpecification) -> Bool {
        own.kind.rawValue == head.kind.rawValue && own.labels == head.outputs && own.hidden == nil
            && (head.kind == .spans || own.pooling == .mean)
    }

    private static func check(
        _ recipe: TeacherRecipe, teacher: StartingWeights, student: StartingWeights, maximumTokens: Int,
        _ place: String
    ) throws {
        guard try teacher.vocabulary() == student.vocabulary(), teacher.lowercases == student.lowercases else {
            throw TrainingFailure(
                "The teacher \(place) cuts texts into other tokens than the student: only a model with the same tokenizer can teach "
                    + "hidden states; use winnow label and --teacher-answers for this one.")
        }
        guard teacher.shape.positions >= maximumTokens else {
            throw TrainingFailure(
                "The teacher \(place) reads \(teacher.shape.positions) tokens, the recipe \(maximumTokens): lower maximumTokens.")
        }
        let isMatched = recipe.hidden != nil || recipe.relations != nil
        let (own, other) = (student.shape, teacher.shape)
        guard !isMatched || own.width == other.width, recipe.relations == nil || own.heads == other.heads else {
            throw TrainingFailure(
                "The teacher \(place) has width \(other.width) with \(other.heads) attention heads, the student \(own.width) with "
                    + "\(own.heads): its layers cannot be matched; leave out hidden and relations in the recipe's teacher.")
        }
        func isLayer(_ pair: TeacherRecipe.LayerPair, from first: Int) -> Bool {
            (first...own.layers).contains(pair.student) && (first...other.layers).contains(pair.teacher)
        }
        guard recipe.hidden?.layers.allSatisfy({ isLayer($0, from: 0) }) ?? true,
            recipe.relations?.layers.allSatisfy({ isLayer($0, from: 1) }) ?? true
        else {
            throw TrainingFailure(
                "The recipe's teacher pairs a layer that is not there: the student has \(own.layers), the teacher \(other.layers); "
                    + "they count from 1, and 0 is the embeddings, for hidden states alone.")
        }
    }
}
