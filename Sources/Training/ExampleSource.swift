// The training rows of a recipe, and what the network reads of a row in a given epoch. Texts are tokenised when
// they are needed, because each epoch reads them in another form. All draws follow from (seed, epoch, row): a
// resumed run reads the same.
internal import Evaluation
package import Foundation
internal import Masking
package import Tokenization

package struct ExampleSource: Sendable {
    private enum Content: Sendable {
        case text(String, [HeadTarget])
        /// Tokenised once: NER data keep their own handles and links.
        case tokens(TrainingExample)
    }

    /// How a recipe's file came out, for the log and the model card.
    package struct FileCount: Sendable, Equatable {
        package let path: String
        package let read: Int
        /// Left out because a development or test file holds the same loose text.
        package let refused: Int
    }

    private let contents: [Content]
    /// Row of `contents` for each reading of an epoch; rows with repeats appear several times.
    private let readings: [Int]
    private let tokenizer: WordPieceTokenizer
    private let maskedShare: Float
    private let seed: UInt64
    private let variation = TextVariation()
    package let files: [FileCount]

    package init(
        recipe: TrainingRecipe, directory: URL, tokenizer: WordPieceTokenizer, leakGuard: LeakGuard
    ) throws {
        var contents: [Content] = []
        var readings: [Int] = []
        var files: [FileCount] = []
        for source in recipe.sources {
            let dataset = try DatasetReader.read(directory.appendingPathComponent(source.path))
            let first = contents.count
            let lessons = try Lessons(source.lessons, heads: recipe.heads)
            switch dataset {
            case .classes(let rows):
                for row in rows where !leakGuard.refuses(row.text) {
                    let targets = try lessons.targets(row)
                    if !targets.isEmpty { contents.append(.text(row.text, targets)) }
                }
            case .spans(let rows):
                for row in rows where !leakGuard.refuses(row.tokens.joined(separator: " ")) {
                    if let example = try lessons.example(row, tokenizer: tokenizer) {
                        contents.append(.tokens(example))
                    }
                }
            }
            for _ in 0..<(source.repeats ?? 1) { readings += first..<contents.count }
            files.append(
                FileCount(
                    path: source.path, read: contents.count - first,
                    refused: dataset.rowCount - (contents.count - first)))
        }
        guard !readings.isEmpty else {
            throw TrainingFailure("The recipe's files hold no row to learn from: name others.")
        }
        self.contents = contents
        self.readings = readings
        self.files = files
        self.tokenizer = tokenizer
        maskedShare = recipe.schedule.maskedShare
        seed = recipe.seed
    }

    /// Readings in one epoch.
    package var count: Int { readings.count }

    /// The order of an epoch: a permutation of 0 ..< count.
    package func order(epoch: Int) -> [Int] {
        var random = RandomSource(seed: seed, stream: 2, UInt64(epoch))
        return Array(0..<count).shuffled(using: &random)
    }

    package func example(_ reading: Int, epoch: Int) -> TrainingExample {
        switch contents[readings[reading]] {
        case .tokens(let example): return example
        case .text(let text, let targets):
            var random = RandomSource(seed: seed, stream: 3, UInt64(epoch), UInt64(reading))
            let varied = variation.varied(text, &random)
            let tokens = tokenizer.tokenize(varied)
            let mask = random.unit() < maskedShare ? MaskPolicy.rules : .none
            let kept = mask.apply(to: tokens, text: varied).kept ?? tokens.tokens.indices.map { Int32($0) }
            return TrainingExample(
                ids: kept.map { tokens.tokens[Int($0)].id }, positions: kept, targets: targets)
        }
    }
}

/// A file's lessons with the recipe's heads looked up.
private struct Lessons {
    private let heads: [(index: Int, map: LabelMap, weight: Float)]

    init(_ lessons: [TrainingRecipe.Lesson], heads: [TaskHeadSpecification]) throws(TrainingFailure) {
        var found: [(Int, LabelMap, Float)] = []
        for lesson in lessons {
            guard let index = heads.firstIndex(where: { $0.name == lesson.head }) else {
                throw TrainingFailure("The recipe has no head \(lesson.head): add it.")
            }
            found.append((index, LabelMap(heads[index], labels: lesson.labels), lesson.weight ?? 1))
        }
        self.heads = found
    }

    func targets(_ row: LabelledText) throws(TrainingFailure) -> [HeadTarget] {
        var targets: [HeadTarget] = []
        for head in heads {
            guard let goal = try head.map.goal(row.label) else { continue }
            targets.append(HeadTarget(head: head.index, tokens: [], goals: [goal], weight: head.weight))
        }
        return targets
    }

    /// The data's tokens with a goal on the first piece of each word; nil where nothing is taught. A token that the
    /// tokenizer splits into several words goes on as inside the entity, as it would when read from a post.
    func example(_ row: TaggedTokens, tokenizer: WordPieceTokenizer) throws(TrainingFailure) -> TrainingExample? {
        let given = tokenizer.tokenize(words: row.tokens)
        var targets: [HeadTarget] = []
        for head in heads {
            var (tokens, goals): ([Int], [TrainingGoal]) = ([], [])
            var lastWord: Int32 = -1
            for (index, token) in given.text.tokens.enumerated() where token.word >= 0 && token.word != lastWord {
                lastWord = token.word
                let word = Int(given.givenWord[index])
                let tag = row.tags[word]
                let continued = tag.hasPrefix("B-") && given.firstToken[word] != index
                if let goal = try head.map.goal(continued ? "I-" + tag.dropFirst(2) : tag) {
                    tokens.append(index)
                    goals.append(goal)
                }
            }
            guard !tokens.isEmpty else { continue }
            targets.append(HeadTarget(head: head.index, tokens: tokens, goals: goals, weight: head.weight))
        }
        guard !targets.isEmpty else { return nil }
        let ids = given.text.tokens.map(\.id)
        return TrainingExample(ids: ids, positions: ids.indices.map { Int32($0) }, targets: targets)
    }
}
