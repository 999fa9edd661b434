// One worker's teacher: reads the batch's texts without any mask, says what its heads think of them, and measures how far the
// student's layers are from its own, with the exact gradient. Formulas: Distillation.md, decision 0210.
internal import Foundation

final class TeacherPass {
    private let teacher: LocalTeacher
    private let pass: EncoderPass
    private var batch = PackedTokens()
    private var readings: [TeacherReading] = []
    private let hiddenLoss: HiddenStateLoss?
    private let relationLoss: RelationLoss?
    /// Of the student's layers, for the last batch.
    let gradients: LayerGradients

    init(_ teacher: LocalTeacher, student: EncoderShape) {
        self.teacher = teacher
        pass = EncoderPass(layout: teacher.network.encoder)
        hiddenLoss = teacher.recipe.hidden.map { HiddenStateLoss($0, width: student.width) }
        relationLoss = teacher.recipe.relations.map { RelationLoss($0, shape: student) }
        gradients = LayerGradients(
            states: Set(teacher.recipe.hidden?.layers.map(\.student) ?? []),
            attentionInputs: Set(teacher.recipe.relations?.layers.map(\.student) ?? []))
    }

    /// Reads the texts and gives, for each, what the teacher's heads say of it.
    func read(_ examples: [TrainingExample]) -> [[HeadTarget]] {
        readings = examples.map { example in
            example.reading
                ?? TeacherReading(
                    ids: example.ids, positions: example.positions, places: Array(example.ids.indices), wordStarts: [])
        }
        batch = PackedTokens()
        for reading in readings { batch.append(ids: reading.ids, positions: reading.positions) }
        let hidden = pass.forward(batch, parameters: UnsafePointer(teacher.parameters.pointer))
        var targets: [[HeadTarget]] = examples.map { _ in [] }
        guard let recipe = teacher.recipe.heads else { return targets }
        for (index, head) in teacher.network.heads.enumerated() {
            let isSpans = head.specification.kind == .spans
            let weight = recipe.weight * (isSpans ? recipe.wordFactor ?? 0.1 : 1)
            for (sequence, reading) in readings.enumerated() {
                let first = batch.range(sequence).lowerBound
                let rows = isSpans
                    ? reading.wordStarts.map { first + reading.places[$0]..<first + reading.places[$0] + 1 }
                    : [batch.range(sequence)]
                guard !rows.isEmpty, weight > 0 else { continue }
                let goals = self.goals(head, rows, hidden, temperature: recipe.temperature, own: teacher.heads[index].temperature)
                targets[sequence].append(
                    HeadTarget(
                        head: teacher.heads[index].student, tokens: isSpans ? reading.wordStarts : [], goals: goals,
                        weight: weight))
            }
        }
        return targets
    }

    private func goals(
        _ head: LearningHead, _ rows: [Range<Int>], _ hidden: UnsafePointer<Float>, temperature: Float, own: Float
    ) -> [TrainingGoal] {
        let (_, logits) = head.logits(rows, hidden: hidden, parameters: UnsafePointer(teacher.parameters.pointer))
        let outputs = head.specification.outputs.count
        return rows.indices.map { row in
            let scores = UnsafeMutableBufferPointer(start: logits.pointer + row * outputs, count: outputs)
            for index in scores.indices { scores[index] /= own * temperature }
            let soft = SoftmaxCrossEntropy.probabilities(UnsafeBufferPointer(scores))
            return .softened(soft.map { Float($0) }, temperature: temperature)
        }
    }

    /// The loss of the student's layers against the teacher's, times `scale` a text; fills `gradients`. Follows `read` and the
    /// student's forward pass of the same examples.
    func match(
        _ student: EncoderActivations, _ studentBatch: PackedTokens, gates: UnsafePointer<Float>?, scale: Double
    ) -> Double {
        gradients.clear(tokens: studentBatch.tokenCount, width: student.shape.width)
        var loss = 0.0
        for sequence in readings.indices {
            let pairs = TokenPairs(
                student: studentBatch.range(sequence), teacherStart: batch.range(sequence).lowerBound,
                places: readings[sequence].places, gates: gates)
            loss += hiddenLoss?.add(student, pass.activations, pairs, scale: scale, gradients) ?? 0
            loss += relationLoss?.add(student, pass.activations, pairs, scale: scale, gradients) ?? 0
        }
        return loss
    }
}

/// The rows of one text that both have: those that the student sees. A token whose gate is closed is not there for the student and
/// is matched by nothing; how far an open gate is open makes no difference, so that the mask is not moved by what is hard to match.
struct TokenPairs {
    let student: [Int]
    let teacher: [Int]

    init(student range: Range<Int>, teacherStart: Int, places: [Int], gates: UnsafePointer<Float>?) {
        let seen = range.filter { (gates?[$0] ?? 1) > 0 }
        student = seen
        teacher = seen.map { teacherStart + places[$0 - range.lowerBound] }
    }
}

/// Gradients that enter the student's backward pass beside those of the heads. Grows to the largest batch.
package final class LayerGradients {
    /// By layer, 0 for what the embeddings give: (T, C).
    private(set) var states: [Int: FloatBlock] = [:]
    /// By layer from 1: (T, 3C).
    private(set) var attentionInputs: [Int: FloatBlock] = [:]

    init(states: Set<Int>, attentionInputs: Set<Int>) {
        for layer in states { self.states[layer] = FloatBlock(count: 0) }
        for layer in attentionInputs { self.attentionInputs[layer] = FloatBlock(count: 0) }
    }

    fileprivate func clear(tokens: Int, width: Int) {
        func cleared(_ block: FloatBlock, _ count: Int) -> FloatBlock {
            guard block.count >= count else { return FloatBlock(count: count * 5 / 4) }
            block.pointer.update(repeating: 0, count: count)
            return block
        }
        states = states.mapValues { cleared($0, tokens * width) }
        attentionInputs = attentionInputs.mapValues { cleared($0, 3 * tokens * width) }
    }
}

extension EncoderActivations {
    /// What layer `layer` gives, 0 for the embeddings: (T, C).
    func states(_ layer: Int) -> Floats { layer == 0 ? embedded : layers[layer - 1].output }
}
