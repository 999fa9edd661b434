// Answers that are already there, such as a large model's on a test file, scored as a model's own would be: for comparison beside
// it, never to train on. Answers and rows are joined by their ids.
package import Foundation

/// One model's answers in one setting.
package struct StoredAnswerScores: Sendable, Codable, Equatable {
    package let model: String
    package let setting: String
    package let task: String
    /// Rows of the test file that it answered, and of those how many with a label that the file has.
    package let rows: Int
    package let answered: Int
    /// Of all the file's rows.
    package let unasked: Int
    /// An answer that is none of the labels is wrong.
    package let metrics: [String: Double]
    package let intervals: [String: [Double]]
}

package enum StoredAnswers {
    private struct Answer: Decodable {
        let id: String
        let task: String
        let model: String
        let setting: String?
        let label: String?
    }

    private struct Row: Decodable {
        let id: String
        let label: String
    }

    /// The scores of every model and setting of the file that answers the task, by name.
    /// - Parameter rows: a test file, JSON Lines with id and label.
    package static func scores(
        task: String, answers: URL, rows: URL, bootstrap: Bootstrap = Bootstrap()
    ) throws(DatasetFailure) -> [StoredAnswerScores] {
        let truths: [Row] = try read(rows, "id and label")
        let labels = Set(truths.map(\.label)).sorted()
        let given: [Answer] = try read(answers, "id, task, model and label").filter { $0.task == task }
        guard !given.isEmpty else {
            throw DatasetFailure("\(answers.path) has no answers for the task \(task): name another task or file.")
        }
        let groups = Dictionary(grouping: given) { [$0.model, $0.setting ?? ""] }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { key, answers in
            let byId = Dictionary(answers.map { ($0.id, $0.label) }, uniquingKeysWith: { one, _ in one })
            let pairs = truths.compactMap { row in
                byId[row.id].map { answer in
                    (truth: labels.firstIndex(of: row.label) ?? 0, given: answer.flatMap { labels.firstIndex(of: $0) })
                }
            }
            guard !pairs.isEmpty else { return nil }
            let metrics = ["accuracy", "macro_f1", "macro_recall"]
            return StoredAnswerScores(
                model: key[0], setting: key[1], task: task, rows: pairs.count, answered: pairs.filter { $0.given != nil }.count,
                unasked: truths.count - pairs.count,
                metrics: Dictionary(uniqueKeysWithValues: metrics.map { ($0, metric($0, pairs, pairs.indices, labels)) }),
                intervals: Dictionary(
                    uniqueKeysWithValues: metrics.map { name in
                        (name, bootstrap.interval(rowCount: pairs.count) { metric(name, pairs, $0, labels) })
                    }))
        }
    }

    /// As `ConfusionMatrix`, but that an answer outside of the labels is a wrong one and no label of its own.
    private static func metric(
        _ name: String, _ pairs: [(truth: Int, given: Int?)], _ rows: some Sequence<Int>, _ labels: [String]
    ) -> Double {
        let outside = labels.count
        var matrix = ConfusionMatrix(labels: labels + ["\u{0}"])
        for row in rows { matrix.add(truth: pairs[row].truth, given: pairs[row].given ?? outside) }
        if name == "accuracy" { return matrix.accuracy }
        let scores = matrix.scores.filter { $0.label != "\u{0}" }.map(\.scores)
        let sum = scores.reduce(0) { $0 + (name == "macro_f1" ? $1.f1 : $1.recall) }
        return scores.isEmpty ? 0 : sum / Double(scores.count)
    }

    private static func read<Row: Decodable>(_ url: URL, _ fields: String) throws(DatasetFailure) -> [Row] {
        guard let data = try? Data(contentsOf: url) else {
            throw DatasetFailure("\(url.path) cannot be read: check the path and its permissions.")
        }
        var rows: [Row] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            guard let row = try? JSONDecoder().decode(Row.self, from: Data(line)) else {
                throw DatasetFailure("\(url.path) line \(index + 1) lacks \(fields): correct the line.")
            }
            rows.append(row)
        }
        return rows
    }

    /// For people: a line a model and setting.
    package static func table(_ scores: [StoredAnswerScores]) -> String {
        let percent = PercentText.self
        let names = ["macro_recall", "macro_f1", "accuracy"]
        var lines = ["  " + percent.left("model", 22) + percent.right("rows", 8) + names.map { percent.right($0, 26) }.joined()]
        for score in scores {
            let figures = names.map { name -> String in
                let interval = (score.intervals[name] ?? [0, 0]).map(percent.of).joined(separator: " to ")
                return percent.right("\(percent.of(score.metrics[name] ?? 0)) (\(interval))", 26)
            }
            lines.append(
                "  " + percent.left("\(score.model) \(score.setting)", 22) + percent.right(String(score.rows), 8) + figures.joined())
        }
        return lines.joined(separator: "\n")
    }
}
