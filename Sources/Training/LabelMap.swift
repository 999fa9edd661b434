// From the labels of a data set to the outputs of a head. Data sets are coarser or finer than the model's
// taxonomy; a coarse label becomes "any of these".

struct LabelMap {
    /// Stands for "none of the head's labels": the head learns to give all of them the same probability there, so that its
    /// best score is low on posts outside its classes (outlier exposure; Hendrycks, Mazeika and Dietterich, 2019).
    static let outside = "*"

    private let outputs: [String: Int]
    private let specification: TaskHeadSpecification
    private let labels: [String: [String]]

    init(_ specification: TaskHeadSpecification, labels: [String: [String]]?) {
        self.specification = specification
        self.labels = labels ?? [:]
        outputs = Dictionary(uniqueKeysWithValues: specification.outputs.enumerated().map { ($1, $0) })
    }

    /// The goal of a row outside of all classes; nil for spans.
    var outsideGoal: TrainingGoal? {
        guard specification.kind == .classes else { return nil }
        let share = 1 / Float(specification.outputs.count)
        return .distribution(specification.outputs.map { _ in share })
    }

    /// The goal of a label or BIO tag; nil where it teaches the head nothing.
    func goal(_ given: String) throws(TrainingFailure) -> TrainingGoal? {
        var indices: [Int] = []
        switch specification.kind {
        case .classes where labels[given] == [LabelMap.outside]:
            return outsideGoal
        case .classes:
            for label in labels[given] ?? [given] { indices.append(try index(label, given)) }
        case .spans where given == "O":
            for label in labels["O"] ?? ["O"] {
                if label == "O" {
                    indices.append(0)
                } else {
                    indices += [try index("B-" + label, given), try index("I-" + label, given)]
                }
            }
        case .spans:
            let type = String(given.dropFirst(2))
            for label in labels[type] ?? [type] { indices.append(try index(given.prefix(2) + label, given)) }
        }
        if indices.isEmpty { return nil }
        if indices.count == 1 { return .label(indices[0]) }
        return .anyOf(indices.reduce(0) { $0 | 1 << UInt64($1) })
    }

    private func index(_ output: String, _ given: String) throws(TrainingFailure) -> Int {
        if let index = outputs[output] { return index }
        throw TrainingFailure(
            "The data's label \(given) means \(output), which the head \(specification.name) does not have: "
                + "map it in the recipe or add the label to the head.")
    }
}
