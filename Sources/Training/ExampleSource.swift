// The training rows of a recipe, and what the network reads of a row in a given epoch. Texts are tokenised when
// they are needed, because each epoch reads them in another form. All draws follow from (seed, epoch, row): a
// resumed run reads the same.
internal import Evaluation
package import Foundation
internal import Masking
internal import ModelFiles
package import Tokenization

package struct ExampleSource: ExampleSupply {
    private enum Content: Sendable {
        case text(String, rationale: Range<Int>?, [HeadTarget])
        /// Tokenised once: NER data keep their own handles and links. The row and the file's lessons serve to read it again
        /// with noise.
        case tokens(TrainingExample, TaggedTokens, lessons: Int)
        case answer(TeacherAnswer, [HeadTarget], lessons: Int)
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
    private let tokenizer: TextTokenizer
    private let maskedShare: Float
    private let masking: TrainingRecipe.Schedule.Masking
    private let randomShare: Float
    private let seed: UInt64
    private let variation = TextVariation()
    private let lessons: [Lessons]
    private let answerLessons: [AnswerLessons]
    private let mask: MaskRecipe?
    /// Whether a local teacher reads along.
    private let hasTeacher: Bool
    private let noise: TrainingNoise
    package let files: [FileCount]

    package init(
        recipe: TrainingRecipe, directory: URL, tokenizer: TextTokenizer, leakGuard: LeakGuard
    ) throws {
        var contents: [Content] = []
        var readings: [Int] = []
        var files: [FileCount] = []
        var allLessons: [Lessons] = []
        let subsetSeed = recipe.subsetSeed ?? recipe.seed
        for source in recipe.sources {
            let dataset = try DatasetReader.read(directory.appendingPathComponent(source.path))
            let first = contents.count
            let lessons = try Lessons(source.lessons, heads: recipe.heads, hasTeacher: recipe.teacher != nil)
            allLessons.append(lessons)
            var random = RandomSource(seed: subsetSeed, stream: 7, UInt64(allLessons.count))
            var used = 0
            func isUsed() -> Bool {
                let isUsed = source.share.map { Double(random.unit()) < $0 } ?? true
                used += isUsed ? 1 : 0
                return isUsed
            }
            switch dataset {
            case .classes(let rows):
                for row in rows where isUsed() && !leakGuard.refuses(row.text) {
                    let targets = try lessons.targets(row)
                    if !targets.isEmpty { contents.append(.text(row.text, rationale: row.wholeWordRationale, targets)) }
                }
            case .spans(let rows):
                for row in rows where isUsed() && !leakGuard.refuses(row.tokens.joined(separator: " ")) {
                    if let example = try lessons.example(row, tokenizer: tokenizer) {
                        contents.append(.tokens(example, row, lessons: allLessons.count - 1))
                    }
                }
            }
            for _ in 0..<(source.repeats ?? 1) { readings += first..<contents.count }
            let read = contents.count - first
            files.append(FileCount(path: source.path, read: read, refused: used - read))
        }
        var answerLessons: [AnswerLessons] = []
        for answers in recipe.answers ?? [] {
            answerLessons.append(try AnswerLessons(answers, heads: recipe.heads))
            let read = try Self.answers(
                answers, lessons: answerLessons[answerLessons.count - 1], index: answerLessons.count - 1,
                directory: directory, seed: subsetSeed, leakGuard: leakGuard)
            for _ in 0..<(answers.repeats ?? 1) { readings += contents.count..<contents.count + read.contents.count }
            contents += read.contents
            files.append(FileCount(path: answers.path, read: read.contents.count, refused: read.leftOut))
        }
        for (index, posts) in (recipe.teacher?.posts ?? []).enumerated() {
            let read = try Self.posts(posts, index: index, directory: directory, seed: subsetSeed, leakGuard: leakGuard)
            readings += contents.count..<contents.count + read.contents.count
            contents += read.contents
            files.append(FileCount(path: posts.path, read: read.contents.count, refused: read.leftOut))
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
        lessons = allLessons
        self.answerLessons = answerLessons
        mask = recipe.mask
        hasTeacher = recipe.teacher != nil
        masking = recipe.schedule.masking ?? .rules
        randomShare = recipe.schedule.randomShare ?? 0.8
        noise = try Self.noise(recipe, directory: directory)
    }

    private static func noise(_ recipe: TrainingRecipe, directory: URL) throws -> TrainingNoise {
        TrainingNoise(
            runs: try (recipe.mask?.noiseFiles ?? []).flatMap {
                NoiseStress.runs(in: try DatasetReader.texts(directory.appendingPathComponent($0)))
            }, hasManySentences: recipe.mask?.manySentences ?? false)
    }

    /// Texts that only a local teacher says anything about.
    private static func posts(
        _ source: TeacherRecipe.Posts, index: Int, directory: URL, seed: UInt64, leakGuard: LeakGuard
    ) throws -> (contents: [Content], leftOut: Int) {
        var random = RandomSource(seed: seed, stream: 9, UInt64(index))
        let texts = try DatasetReader.texts(directory.appendingPathComponent(source.path))
            .filter { !$0.isEmpty && (source.share.map { Double(random.unit()) < $0 } ?? true) }
        let contents = texts.filter { !leakGuard.refuses($0) }.map { Content.text($0, rationale: nil, []) }
        return (contents, texts.count - contents.count)
    }

    private static func answers(
        _ source: TrainingRecipe.AnswerSource, lessons: AnswerLessons, index: Int, directory: URL, seed: UInt64,
        leakGuard: LeakGuard
    ) throws -> (contents: [Content], leftOut: Int) {
        let file = source.path.hasPrefix("/")
            ? URL(fileURLWithPath: source.path) : directory.appendingPathComponent(source.path)
        var random = RandomSource(seed: seed, stream: 8, UInt64(index))
        var (contents, leftOut): ([Content], Int) = ([], 0)
        for answer in try TeacherAnswersReader.read(file) {
            if let share = source.share, Double(random.unit()) >= share { continue }
            try lessons.check(answer)
            let targets = try lessons.classTargets(answer)
            if leakGuard.refuses(answer.text) || targets.isEmpty && !lessons.teachesSpans(answer) {
                leftOut += 1
            } else {
                contents.append(.answer(answer, targets, lessons: index))
            }
        }
        return (contents, leftOut)
    }

    /// SHA-256 of the texts that are read, in the order of the recipe's files: of each its length in UTF-8 bytes, a colon, and the
    /// text; tokens with spaces between. For the model card: two trainings with one hash have read the same rows.
    package var listHash: String {
        let texts = contents.map { content in
            switch content {
            case .text(let text, _, _): text
            case .tokens(_, let row, _): row.tokens.joined(separator: " ")
            case .answer(let answer, _, _): answer.text
            }
        }
        return SHA256.hexadecimal(texts.flatMap { Array("\($0.utf8.count):\($0)".utf8) })
    }

    /// Readings in one epoch.
    package var count: Int { readings.count }

    /// The order of an epoch: a permutation of 0 ..< count.
    package func order(epoch: Int) -> [Int] {
        var random = RandomSource(seed: seed, stream: 2, UInt64(epoch))
        return Array(0..<count).shuffled(using: &random)
    }

    package func example(_ reading: Int, epoch: Int) -> TrainingExample {
        var random = RandomSource(seed: seed, stream: 3, UInt64(epoch), UInt64(reading))
        // No draw is spent where no mask is learned.
        let gated = mask.map { Double(random.unit()) < $0.gatedShare } ?? false
        let noiseWords = gated ? drawNoise(&random) : nil
        switch contents[readings[reading]] {
        case .tokens(let example, let row, let index):
            guard gated else { return example }
            let pieces = noiseWords.map { noise.pieces(words: share($0, of: row.tokens.count), &random) } ?? []
            // The row was read without noise when the source was made, so its labels are known to fit.
            return (try? lessons[index].example(row, tokenizer: tokenizer, noise: pieces, &random)) ?? example
        case .answer(let answer, let targets, let index):
            var marked = answerLessons[index].marked(answer)
            if gated, let noiseWords {
                let words = answer.text.split(separator: " ").count
                marked.insert(noise.pieces(words: share(noiseWords, of: words), &random), &random)
            }
            return answered(marked, answer, targets, answerLessons[index], isGated: gated)
        case .text(let text, let rationale, let targets):
            if gated {
                var marked = MarkedText(rationale == nil ? variation.varied(text, &random) : text, rationale: rationale)
                if let noiseWords {
                    let words = text.split(separator: " ").count
                    marked.insert(noise.pieces(words: share(noiseWords, of: words), &random), &random)
                }
                let varied = marked.text
                let tokens = tokenizer.tokenize(varied)
                return TrainingExample(
                    tokens, text: varied, targets: targets, goals: marked.goals(tokens), hasTeacher: hasTeacher)
            }
            let varied = variation.varied(text, &random)
            let tokens = tokenizer.tokenize(varied)
            let mask: MaskPolicy = masking == .rules ? .rules : .random(keptShare: randomShare)
            let policy = random.unit() < maskedShare ? mask : .none
            let kept = policy.apply(to: tokens, text: varied).kept ?? tokens.tokens.indices.map { Int32($0) }
            return TrainingExample(
                ids: kept.map { tokens.tokens[Int($0)].id }, positions: kept.indices.map { Int32($0) }, targets: targets,
                reading: hasTeacher ? TeacherReading(tokens, kept: kept) : nil)
        }
    }

    /// A post with a teacher's answer. Its entities are looked up in the text as it was; with noise in it only classes are
    /// taught.
    private func answered(
        _ marked: MarkedText, _ answer: TeacherAnswer, _ targets: [HeadTarget], _ lessons: AnswerLessons, isGated: Bool
    ) -> TrainingExample {
        let text = marked.text
        let tokens = tokenizer.tokenize(text)
        // The labels were known to fit when the source was made.
        let spans = text == answer.text ? try? lessons.spanTargets(answer, tokens) : nil
        let all = targets + (spans ?? [])
        guard isGated else {
            return TrainingExample(
                ids: tokens.tokens.map(\.id), positions: tokens.tokens.indices.map { Int32($0) }, targets: all,
                reading: hasTeacher ? TeacherReading(tokens) : nil)
        }
        return TrainingExample(tokens, text: text, targets: all, goals: marked.goals(tokens), hasTeacher: hasTeacher)
    }

    /// The share of noise a text gets, nil for none.
    private func drawNoise(_ random: inout RandomSource) -> Double? {
        guard let mask, Double(random.unit()) < mask.noiseShare else { return nil }
        return 0.1 + 0.5 * Double(random.unit())
    }

    /// Words of noise that make up this share beside `count` words.
    private func share(_ share: Double, of count: Int) -> Int { max(1, Int(Double(count) * share / (1 - share))) }
}

extension TrainingExample {
    /// A whole text that is read through gates. Its words have the positions that they have when the noise is not read, as
    /// inference counts them; noise has that of the word it stands before.
    fileprivate init(
        _ tokens: TokenizedText, text: String, targets: [HeadTarget], goals: [MaskGoal], hasTeacher: Bool
    ) {
        let features = MaskFeatures.values(tokens, text: text)
        var own: Int32 = 0
        let positions = goals.map { goal -> Int32 in
            defer { if goal != .drop { own += 1 } }
            return own
        }
        self.init(
            ids: tokens.tokens.map(\.id), positions: positions, targets: targets,
            mask: MaskInputs(
                words: MaskUnits.numbers(tokens.tokens, features: features), features: features, goals: goals,
                isGated: true), reading: hasTeacher ? TeacherReading(tokens) : nil)
    }
}

extension LabelledText {
    /// The rationale where it cuts no word; neutral posts' are the whole text as a rule and teach nothing.
    fileprivate var wholeWordRationale: Range<Int>? {
        guard let rationale, label != "neutral" else { return nil }
        let scalars = Array(text.unicodeScalars)
        func isWord(_ index: Int) -> Bool {
            scalars.indices.contains(index) && scalars[index].properties.isAlphabetic
        }
        let cutsFirst = isWord(rationale.lowerBound - 1) && isWord(rationale.lowerBound)
        let cutsLast = isWord(rationale.upperBound - 1) && isWord(rationale.upperBound)
        return cutsFirst || cutsLast ? nil : rationale
    }
}

/// A file's lessons with the recipe's heads looked up.
private struct Lessons {
    private let heads: [(index: Int, map: LabelMap, weight: Float)]
    private let hasTeacher: Bool

    init(
        _ lessons: [TrainingRecipe.Lesson], heads: [TaskHeadSpecification], hasTeacher: Bool
    ) throws(TrainingFailure) {
        self.hasTeacher = hasTeacher
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
    func example(_ row: TaggedTokens, tokenizer: TextTokenizer) throws(TrainingFailure) -> TrainingExample? {
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
        return TrainingExample(
            ids: ids, positions: ids.indices.map { Int32($0) }, targets: targets,
            reading: hasTeacher ? TeacherReading(given.text) : nil)
    }

    /// The row as a gated text with pieces of noise at its ends or between entities; noise is outside of any entity.
    func example(
        _ row: TaggedTokens, tokenizer: TextTokenizer, noise: [String], _ random: inout RandomSource
    ) throws(TrainingFailure) -> TrainingExample? {
        var (tokens, tags) = (row.tokens, row.tags)
        var isNoise = tokens.map { _ in false }
        for piece in noise {
            let gaps = (0...tags.count).filter { $0 == tags.count || !tags[$0].hasPrefix("I-") }
            let place = random.unit()
            let gap = place < 0.3 ? 0 : place < 0.8 ? tags.count : gaps.randomElement(using: &random) ?? tags.count
            let words = piece.split(separator: " ").map(String.init)
            tokens.insert(contentsOf: words, at: gap)
            tags.insert(contentsOf: words.map { _ in "O" }, at: gap)
            isNoise.insert(contentsOf: words.map { _ in true }, at: gap)
        }
        let noisy = TaggedTokens(tokens: tokens, tags: tags)
        guard let plain = try example(noisy, tokenizer: tokenizer) else { return nil }
        let given = tokenizer.tokenize(words: tokens)
        let goals = given.givenWord.map { word -> MaskGoal in
            guard word >= 0 else { return .unknown }
            return isNoise[Int(word)] ? .drop : tags[Int(word)] == "O" ? .unknown : .keep
        }
        return TrainingExample(given.text, text: given.joined, targets: plain.targets, goals: goals, hasTeacher: hasTeacher)
    }
}
