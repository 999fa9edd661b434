// A training run as data: heads, data sets and how their labels map to the heads', and the numbers of the
// optimiser. Read from JSON; unknown keys are refused, so that a misspelt one cannot silently mean nothing.
package import Foundation

package struct TrainingRecipe: Sendable, Codable, Equatable {
    /// What a data set teaches one head.
    package struct Lesson: Sendable, Codable, Equatable {
        package var head: String
        /// From the data's label (or entity type, or `O`) to the head's labels; one not named maps to itself.
        /// Several: any of them is right. None: the row (or token) teaches this head nothing. `["*"]`, for classes: the
        /// row lies outside of all of them.
        package var labels: [String: [String]]?
        /// Factor on the loss; 1 by default.
        package var weight: Float?

        package init(head: String, labels: [String: [String]]?, weight: Float?) {
            self.head = head
            self.labels = labels
            self.weight = weight
        }
    }

    package struct Source: Sendable, Codable, Equatable {
        /// Below the data directory.
        package var path: String
        package var lessons: [Lesson]
        /// How often each row is read in an epoch; 1 by default.
        package var repeats: Int?
        /// Share of the rows that is used, drawn by the seed; all by default.
        package var share: Double?

        package init(path: String, lessons: [Lesson], repeats: Int?, share: Double? = nil) {
            self.path = path
            self.lessons = lessons
            self.repeats = repeats
            self.share = share
        }
    }

    /// A file of a teacher's answers.
    package struct AnswerSource: Sendable, Codable, Equatable {
        /// Below the data directory, or absolute.
        package var path: String
        /// The heads that learn from it; all that it speaks of by default.
        package var heads: [String]?
        /// From the teacher's label or entity type to the heads', as in a lesson.
        package var labels: [String: [String]]?
        /// Factor on the loss; 1 by default. Entities count `entityFactor` of it a word, 0.1 by default.
        package var weight: Float?
        package var entityFactor: Float?
        /// Softens distributions; 1 by default.
        package var temperature: Float?
        /// How often each row is read in an epoch, and the share of the rows that is used.
        package var repeats: Int?
        package var share: Double?

        package init(
            path: String, heads: [String]? = nil, labels: [String: [String]]? = nil, weight: Float? = nil,
            entityFactor: Float? = nil, temperature: Float? = nil, repeats: Int? = nil, share: Double? = nil
        ) {
            self.path = path
            self.heads = heads
            self.labels = labels
            self.weight = weight
            self.entityFactor = entityFactor
            self.temperature = temperature
            self.repeats = repeats
            self.share = share
        }
    }

    /// A file to measure a head on during training. Choices are made on these, never on test files.
    package struct Development: Sendable, Codable, Equatable {
        package var path: String
        package var lesson: Lesson
        /// `macro_recall`, `macro_f1`, `accuracy` or `entity_f1`.
        package var metric: String

        package init(path: String, lesson: Lesson, metric: String) {
            self.path = path
            self.lesson = lesson
            self.metric = metric
        }
    }

    package struct Schedule: Sendable, Codable, Equatable {
        package var epochs: Double
        package var examplesInBatch: Int
        package var peakRate: Float
        package var warmUpShare: Double
        package var headRate: Float
        package var dropout: Float
        package var smoothing: Double
        /// Share of the texts that are read as a mask leaves them.
        package var maskedShare: Float
        package var measurementsInEpoch: Int
        /// What a step leaves of the running average of the parameters, such as 0.999. The average is what is measured and
        /// kept; nil: the parameters themselves are.
        package var averaging: Float?
        /// The mask of `maskedShare`; rules by default.
        package var masking: Masking?
        /// For the random mask: the share of the words that it keeps; 0.8 by default.
        package var randomShare: Float?
        /// The length of the run in steps, whatever `epochs` says: for runs on more and on less data that are to cost the same.
        package var steps: Int?

        package enum Masking: String, Sendable, Codable { case rules, random }

        package init(
            epochs: Double, examplesInBatch: Int, peakRate: Float, warmUpShare: Double, headRate: Float,
            dropout: Float, smoothing: Double, maskedShare: Float, measurementsInEpoch: Int, averaging: Float? = nil,
            masking: Masking? = nil, randomShare: Float? = nil, steps: Int? = nil
        ) {
            self.epochs = epochs
            self.examplesInBatch = examplesInBatch
            self.peakRate = peakRate
            self.warmUpShare = warmUpShare
            self.headRate = headRate
            self.dropout = dropout
            self.smoothing = smoothing
            self.maskedShare = maskedShare
            self.measurementsInEpoch = measurementsInEpoch
            self.averaging = averaging
            self.masking = masking
            self.randomShare = randomShare
            self.steps = steps
        }
    }

    package var name: String
    package var version: String
    package var seed: UInt64
    package var maximumTokens: Int
    package var heads: [TaskHeadSpecification]
    package var encoder: EncoderRates
    package var optimiser: AdamWSettings
    package var schedule: Schedule
    package var sources: [Source]
    /// nil: no teacher's answers.
    package var answers: [AnswerSource]?
    package var development: [Development]
    /// Development or test files that need no guard, because nothing is measured on them and their rows are
    /// official training rows of a data set that is.
    package var unguarded: [String]?
    /// Head to the share of its development rows that may go without an answer: fixes the score under which it
    /// abstains.
    package var abstaining: [String: Double]?
    /// nil: no mask is learned.
    package var mask: MaskRecipe?
    /// What comes before: masked-language training on posts without labels. nil: none.
    package var languageModel: LanguageModelRecipe?
    /// nil: no local model teaches while the student trains.
    package var teacher: TeacherRecipe?
    /// Draws the rows of `share`; `seed` by default. Runs of several seeds on the same rows have this one in common.
    package var subsetSeed: UInt64?

    package init(
        name: String, version: String, seed: UInt64, maximumTokens: Int, heads: [TaskHeadSpecification],
        encoder: EncoderRates, optimiser: AdamWSettings, schedule: Schedule, sources: [Source],
        development: [Development], unguarded: [String]?, abstaining: [String: Double]?,
        mask: MaskRecipe? = nil, answers: [AnswerSource]? = nil, languageModel: LanguageModelRecipe? = nil,
        teacher: TeacherRecipe? = nil
    ) {
        self.name = name
        self.version = version
        self.seed = seed
        self.maximumTokens = maximumTokens
        self.heads = heads
        self.encoder = encoder
        self.optimiser = optimiser
        self.schedule = schedule
        self.sources = sources
        self.development = development
        self.unguarded = unguarded
        self.abstaining = abstaining
        self.mask = mask
        self.answers = answers
        self.languageModel = languageModel
        self.teacher = teacher
    }

    /// Throws with the place in the file where it is not a recipe.
    package static func read(_ url: URL) throws(TrainingFailure) -> TrainingRecipe {
        guard let data = try? Data(contentsOf: url) else {
            throw TrainingFailure("The recipe \(url.path) cannot be read: check the path.")
        }
        do {
            let recipe = try JSONDecoder().decode(TrainingRecipe.self, from: data)
            try recipe.refuseUnknownKeys(in: data, of: url)
            try recipe.check(url)
            return recipe
        } catch let failure as TrainingFailure {
            throw failure
        } catch let DecodingError.keyNotFound(key, context) {
            let place = (context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".")
            throw TrainingFailure("The recipe \(url.path) lacks the key \(place): add it.")
        } catch let DecodingError.typeMismatch(_, context) {
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw TrainingFailure("The recipe \(url.path) has a value of the wrong type at \(place): correct it.")
        } catch {
            throw TrainingFailure("The recipe \(url.path) is no JSON of a training recipe: correct it.")
        }
    }

    /// Every key of the file must be one that writing the decoded recipe gives back, apart from the labels' own
    /// names.
    private func refuseUnknownKeys(in data: Data, of url: URL) throws {
        let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(self))
        func check(_ given: Any, _ known: Any, _ place: String) throws {
            if let given = given as? [String: Any], let known = known as? [String: Any] {
                for (key, value) in given {
                    guard let counterpart = known[key] else {
                        throw TrainingFailure("The recipe \(url.path) has an unknown key \(place)\(key): remove it.")
                    }
                    try check(value, counterpart, "\(place)\(key).")
                }
            } else if let given = given as? [Any], let known = known as? [Any] {
                for (value, counterpart) in zip(given, known) { try check(value, counterpart, place) }
            }
        }
        try check(JSONSerialization.jsonObject(with: data), written, "")
    }

    private func check(_ url: URL) throws(TrainingFailure) {
        let names = Set(heads.map(\.name))
        let lessons = sources.flatMap(\.lessons) + development.map(\.lesson)
        if names.count != heads.count {
            throw TrainingFailure("The recipe \(url.path) names a head twice: rename one.")
        }
        if let stranger = lessons.first(where: { !names.contains($0.head) }) {
            throw TrainingFailure(
                "The recipe \(url.path) teaches a head \(stranger.head) that it does not list: add it.")
        }
        let inRange =
            schedule.examplesInBatch > 0 && schedule.epochs > 0 && (0..<1).contains(schedule.warmUpShare)
            && (0..<1).contains(schedule.dropout) && (0..<1).contains(schedule.smoothing)
            && (0...1).contains(schedule.maskedShare) && schedule.measurementsInEpoch > 0
            && (schedule.steps ?? 1) > 0 && maximumTokens >= 8
            && (answers ?? []).allSatisfy { ($0.temperature ?? 1) > 0 && (0...1).contains($0.share ?? 1) }
            && mask?.isInRange ?? true && teacher?.isInRange ?? true && languageModel?.isInRange ?? true
            && (0...1).contains(schedule.randomShare ?? 1) && (0..<1).contains(schedule.averaging ?? 0)
            && sources.allSatisfy { (0...1).contains($0.share ?? 1) }
        guard inRange, heads.allSatisfy({ (1...64).contains($0.outputs.count) }) else {
            throw TrainingFailure(
                "The recipe \(url.path) has a number out of range: batches, epochs and tokens are positive, shares lie "
                    + "from 0 to below 1, and a head has 1 to 64 outputs.")
        }
    }
}

/// What went wrong in training, in one sentence for people. Never quotes data.
package struct TrainingFailure: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }
}
