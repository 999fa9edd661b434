// `winnow benchmark --stage encoder`: posts a second through tokenizer and mask, and through the encoder alone. Texts
// come from a file; no broker, database or head takes part. Deploy/benchmarks/encoder compares with ONNX Runtime.
import Foundation
import Masking
import ModelFiles
import Posts
import StudentInference
import Synchronization

/// Runs the same posts in rounds on several workers, each a thread with its own arena.
struct BenchmarkEncoder {
    struct Options: Sendable {
        var modelFolder: String
        /// One post a line: JSON objects with `text`, or plain text.
        var textsFile: String
        var posts = 2_000
        var rounds = 7
        var workers = ProcessInfo.processInfo.activeProcessorCount
        var mask = MaskSettings.Mode.none
        var limits = InferenceLimits()
    }

    struct Result: Encodable {
        let machine: String
        let posts: Int
        let tokens: Int
        let workers: Int
        let keptShare: Double
        /// Tokenizer and mask, posts for a second of processor time.
        let prepareRate: Double
        /// Encoder alone, posts a second over all workers, a value a round.
        let rates: [Double]
        /// Posts for a second of processor time, a value a round: what one core does, also while others want it.
        let processorRates: [Double]
        /// Processor time of the learned mask for that of the encoder on all tokens; nil where it was not measured.
        let learnedMaskCost: Double?

        var median: Double { rates.sorted()[rates.count / 2] }

        var summary: String {
            let perPost = Double(tokens) / Double(max(1, posts))
            return """
                encoder: median \(Int(median)) posts/s, \(Int(median * perPost)) tokens/s, slowest round \
                \(Int(rates.min() ?? 0)), fastest \(Int(rates.max() ?? 0)), \(rates.count) rounds of \(posts) posts, \
                \(String(format: "%.1f", perPost)) tokens a post (mask keeps \(String(format: "%.3f", keptShare))), \
                \(workers) workers; \(Int(processorRates.sorted()[processorRates.count / 2])) posts for a second of \
                processor time
                tokenizer and mask: \(Int(prepareRate)) posts for a second of processor time
                \(learnedMaskCost.map { "learned mask: \(String(format: "%.1f", $0 * 100)) % of the encoder's processor time\n" } ?? "")\
                machine: \(machine)
                """
        }
    }

    private let options: Options
    private let student: Student
    private let mask: MaskPolicy

    init(options: Options) throws {
        self.options = options
        student = try Student.load(folder: options.modelFolder)
        mask = try student.maskChoice(options.mask, isExplicit: true).policy
    }

    func run() throws -> Result {
        let texts = try Self.readTexts(options.textsFile, limit: options.posts)
        let clock = ContinuousClock()
        let posts = preparer(mask)(texts)
        let prepareSeconds = seconds(preparing: texts, mask)
        var rates: [Double] = [], processorRates: [Double] = []
        // The first round warms up and is not counted.
        for round in 0...options.rounds {
            let begin = clock.now, processorBegin = Self.processorSeconds()
            runRound(posts)
            guard round > 0 else { continue }
            rates.append(Double(posts.count) / ((clock.now - begin) / .seconds(1)))
            processorRates.append(Double(posts.count) / (Self.processorSeconds() - processorBegin))
        }
        let encoderSeconds = Double(posts.count) / (processorRates.sorted()[processorRates.count / 2])
        var learnedMaskCost: Double?
        if options.mask == .none, let learned = student.learnedMask {
            learnedMaskCost = (seconds(preparing: texts, .learned(learned)) - prepareSeconds) / encoderSeconds
        }
        let shares = posts.map { Double($0.mask.summary.keptShare) }
        return Result(
            machine: Self.machine(), posts: posts.count, tokens: posts.reduce(0) { $0 + $1.tokenCount },
            workers: options.workers, keptShare: shares.reduce(0, +) / Double(max(1, shares.count)),
            prepareRate: Double(posts.count) / prepareSeconds, rates: rates, processorRates: processorRates,
            learnedMaskCost: learnedMaskCost)
    }

    private func preparer(_ mask: MaskPolicy) -> ([String]) -> [TokenizedPost] {
        let worker = StudentWorker(student: student, mask: mask, limits: options.limits)
        return { $0.map(worker.prepare) }
    }

    /// Processor seconds of tokenizer and mask for all texts: the median of as many rounds as the encoder's, after one to warm up.
    private func seconds(preparing texts: [String], _ mask: MaskPolicy) -> Double {
        let prepare = preparer(mask)
        let rounds = (0...options.rounds).map { _ in
            let begin = Self.processorSeconds()
            _ = prepare(texts)
            return Self.processorSeconds() - begin
        }
        return rounds.dropFirst().sorted()[options.rounds / 2]
    }

    private func runRound(_ posts: [TokenizedPost]) {
        let round = EncoderRound(student: student, mask: mask, limits: options.limits, posts: posts)
        DispatchQueue.concurrentPerform(iterations: options.workers) { _ in round.work() }
    }

    static func readTexts(_ path: String, limit: Int) throws -> [String] {
        let bytes = try FileBytes.read(path, what: "file of posts", limit: 1 << 30)
        var texts: [String] = []
        for line in bytes.split(separator: 10) where texts.count < limit {
            if line.first == UInt8(ascii: "{"),
                let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
                let text = object["text"] as? String {
                texts.append(text)
            } else {
                texts.append(String(decoding: line, as: UTF8.self))
            }
        }
        guard !texts.isEmpty else { throw ModelFileFault("\(path) holds no posts: write one a line.") }
        return texts
    }

    /// Processor time of the whole process.
    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func machine() -> String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let name = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return "\(name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"), "
            + "\(ProcessInfo.processInfo.activeProcessorCount) cores"
    }
}

/// One round: every worker takes the next 64 posts until none is left.
private final class EncoderRound: Sendable {
    private static let share = 64
    private let student: Student
    private let mask: MaskPolicy
    private let limits: InferenceLimits
    private let posts: [TokenizedPost]
    private let next = Atomic<Int>(0)

    init(student: Student, mask: MaskPolicy, limits: InferenceLimits, posts: [TokenizedPost]) {
        self.student = student
        self.mask = mask
        self.limits = limits
        self.posts = posts
    }

    func work() {
        let worker = StudentWorker(student: student, mask: mask, limits: limits)
        while true {
            let first = next.add(Self.share, ordering: .relaxed).oldValue
            guard first < posts.count else { return }
            worker.withHiddenStates(Array(posts[first..<min(posts.count, first + Self.share)])) { _, _, _ in }
        }
    }
}
