// `winnow benchmark`: how fast each stage is on this machine. Every run prints the machine, its own settings and the spread.
import ArgumentParser
import Foundation
import Masking
import ModelFiles
import Training

struct BenchmarkCommand: AsyncParsableCommand {
    enum Stage: String, ExpressibleByArgument, CaseIterable {
        case decode, encoder, sink, stream, training
    }

    static let configuration = CommandConfiguration(
        commandName: "benchmark", abstract: "Measures one stage of the stream on this machine.",
        discussion: """
            decode   records of a --format to posts, one core
            encoder  texts through tokenizer, mask and encoder (needs --texts)
            sink     enriched posts into a PostgreSQL of its own, and the plain COPY of the same rows
            stream   from a broker to rows, the model left out
            training forward, backward and optimiser on given batches (needs --model and --batches)

            Stages that need PostgreSQL start a temporary server. Quote medians and ratios: other work on the machine \
            shows in the spread.
            """)

    @Option(help: "\(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
    var stage: Stage

    @Option(
        help: ArgumentHelp(
            "For decode: \(BenchmarkFormat.allCases.map(\.rawValue).joined(separator: ", ")); may be given several times. "
                + "Without it jetstream.", valueName: "format"))
    var format: [BenchmarkFormat] = []

    @Option(help: ArgumentHelp(
        "For encoder: the model folder; without it the shipped model. For training: starting weights.", valueName: "folder"))
    var model: String?

    @Option(help: ArgumentHelp("For encoder: posts, one a line, as text or as JSON with a field text.", valueName: "file"))
    var texts: String?

    @Option(help: ArgumentHelp("For training: what Deploy/benchmarks/training/compare.py writes.", valueName: "file"))
    var batches: String?

    @Option(help: ArgumentHelp("For encoder and stream: how many posts.", valueName: "count"))
    var posts: Int?

    @Option(help: ArgumentHelp("For decode and encoder: rounds that are counted.", valueName: "count"))
    var rounds = 7

    @Option(help: ArgumentHelp("For encoder and training: threads; without it one a core.", valueName: "count"))
    var workers: Int?

    @Option(help: ArgumentHelp(
        "For encoder: none, rules, random or learned. With none, what the learned mask costs is measured too.", valueName: "mask"))
    var mask = MaskSettings.Mode.none

    @Option(help: ArgumentHelp("For sink: posts in a transaction.", valueName: "count"))
    var batch = 500

    @Option(help: ArgumentHelp("For sink and stream: delivery connections.", valueName: "count"))
    var connections = 2

    @Option(help: ArgumentHelp("For sink: how long to deliver.", valueName: "seconds"))
    var seconds = 60.0

    @Option(help: ArgumentHelp("For sink: rows that are there before.", valueName: "count"))
    var preload = 1_000_000

    @Option(help: ArgumentHelp("For sink: an empty database instead of a temporary one.", valueName: "url"))
    var database: String?

    @Option(help: ArgumentHelp("For sink: deliver through this pooler.", valueName: "url"))
    var pooler: String?

    @Flag(help: "For encoder and training: one JSON object instead of text.")
    var json = false

    func validate() throws {
        let counts = [rounds, batch, connections, preload + 1, posts ?? 1, workers ?? 1]
        guard counts.allSatisfy({ $0 > 0 }), seconds > 0 else {
            throw ValidationError("Counts and times must be above 0.")
        }
        if stage == .encoder, texts == nil {
            throw ValidationError("The stage encoder needs --texts FILE: posts, one a line.")
        }
        if stage == .training, batches == nil || model == nil {
            throw ValidationError("The stage training needs --model with starting weights and --batches FILE.")
        }
    }

    func run() async throws {
        switch stage {
        case .decode:
            for format in format.isEmpty ? [.jetstream] : format {
                print(try BenchmarkDecode(format: format).run(rounds: rounds).summary)
            }
            print("machine: \(BenchmarkEncoder.machine())")
        case .encoder: try runEncoder()
        case .sink:
            var plan = BenchmarkSink.Plan()
            plan.batch = batch
            plan.connections = connections
            plan.seconds = seconds
            plan.preloadedRows = preload
            plan.url = database
            plan.poolerURL = pooler
            print(try BenchmarkSink(plan).run(progress: Self.say).summary)
        case .stream:
            let benchmark = BenchmarkStream(records: posts ?? 100_000, connections: connections)
            print(try await benchmark.run(progress: Self.say).summary)
        case .training: try runTraining()
        }
    }

    private func runTraining() throws {
        BlasCoreRestart.ifNeeded { Self.say("winnow benchmark: \($0)") }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let result = try BenchmarkTraining.run(
            weights: model ?? "", batches: batches ?? "", threads: min(workers ?? cores, TrainingRun.workerCount))
        print(json ? String(decoding: try JSONEncoder().encode(result), as: UTF8.self) : result.summary)
    }

    private func runEncoder() throws {
        var options = BenchmarkEncoder.Options(
            modelFolder: try ModelFinder().find(model), textsFile: texts ?? "")
        options.posts = posts ?? options.posts
        options.rounds = rounds
        options.workers = workers ?? options.workers
        options.mask = mask
        let result = try BenchmarkEncoder(options: options).run()
        if json {
            print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
        } else {
            print(result.summary)
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
