// `winnow teach`: posts to a teacher, its answers through the filters, to files that `winnow train` learns from. Wires the parts
// of Distillation; progress goes to standard error, the report to standard output.
import ArgumentParser
import Distillation
import Evaluation
import Foundation

struct TeachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Asks a large model about posts and keeps what can be learned from its answers.",
        discussion: """
            Works with any endpoint that speaks OpenAI's chat completions: hosted, llama.cpp, Ollama, vLLM. Answers are kept in \
            the output folder as they come; run the same command again after a stop, a crash or a spent budget and it goes on \
            where it was. What the filters reject lies in rejected/, a file a reason. Ask only what the teacher's terms of use \
            allow.

            Example:
              winnow teach --posts posts.jsonl --output taught --base-url http://127.0.0.1:8080/v1 --model qwen \\
                --evaluation data/test.jsonl --dry-run
            """)

    @Option(help: ArgumentHelp("JSON Lines of {\"id\",\"text\"}, or plain text, a post a line; - for standard input.", valueName: "file"))
    var posts: String?
    @Option(help: "How the posts are written: auto, json or text.")
    var format = PostFile.Form.auto
    @Option(help: ArgumentHelp("At most so many posts, from the beginning.", valueName: "count"))
    var limit: Int?
    @Option(help: ArgumentHelp("Where answers, rejected posts, the log of requests and the report are kept.", valueName: "folder"))
    var output: String?
    @OptionGroup(title: "Teacher")
    var teacher: TeacherOptions
    @Option(help: ArgumentHelp("A folder of prompts instead of the built-in ones.", valueName: "folder"))
    var prompts: String?
    @Option(help: ArgumentHelp("Write the prompts to a folder, to start from, and end.", valueName: "folder"))
    var writePrompts: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files that something is measured on: posts that nearly equal one of their texts are left out.", valueName: "file"))
    var evaluation: [String] = []
    @Option(help: "Share of the samples that sentiment and topic each need.")
    var agreement = 0.6
    @Option(help: "When the disk is told to keep answers: always, batched or end.")
    var sync = AnswerLog.Syncing.batched
    @Option(help: ArgumentHelp("Write what is open as an OpenAI batch file, and ask nothing.", valueName: "file"))
    var batchOut: String?
    @Option(help: ArgumentHelp("Take the answers of an OpenAI batch file, and ask nothing.", valueName: "file"))
    var batchIn: String?
    @Flag(help: "Show a prompt and an estimate, and ask nothing.")
    var dryRun = false
    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        if writePrompts != nil { return }
        guard posts != nil else { throw ValidationError("--posts is missing: name a file of posts, or - for standard input.") }
        guard teacher.model != nil else { throw ValidationError("--model is missing: name the teacher's model.") }
        if output == nil, !dryRun { throw ValidationError("--output is missing: name a folder for the answers.") }
        guard (0...1).contains(agreement) else { throw ValidationError("--agreement is \(agreement): it must be 0 to 1.") }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit): it must be at least 1.") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            if let writePrompts { return try writeEmbeddedPrompts(to: URL(fileURLWithPath: writePrompts)) }
            try await teach()
        } catch let failure as ValidationError {
            StandardError.print("winnow teach: \(failure.message)")
            throw ExitCode(2)
        } catch let failure as PromptFault {
            StandardError.print("winnow teach: \(failure.description)")
            throw ExitCode(2)
        } catch let failure as ExitCode {
            throw failure
        } catch let failure as any Error & CustomStringConvertible {
            StandardError.print("winnow teach: \(failure.description)")
            throw ExitCode(1)
        }
    }

    private func writeEmbeddedPrompts(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, data) in PromptSet.embeddedFiles {
            let file = folder.appendingPathComponent(name)
            guard !FileManager.default.fileExists(atPath: file.path) else {
                throw PromptFault("\(file.path) exists already: name an empty folder.")
            }
            try data.write(to: file)
        }
    }

    private func teach() async throws {
        let prompts = try prompts.map { path in try PromptSet(folder: URL(fileURLWithPath: path)) } ?? PromptSet.embedded()
        let screened = try screenedPosts()
        let plan = TeachingPlan(
            posts: screened.kept, samples: teacher.samples, schedule: PromptSchedule(prompts), parameters: teacher.parameters)
        let dialect = EndpointDialect(structure: teacher.structured)
        if dryRun {
            let log = try existingLog()
            return TeachDryRun(plan: plan, log: log, rejected: screened.rejected, prices: teacher.prices).show()
        }
        guard let output else { return }
        let folder = URL(fileURLWithPath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = try AnswerLog(folder.appendingPathComponent(AnswerFiles.log), syncing: sync)
        if let batchOut { return try writeBatch(plan, log, dialect, to: URL(fileURLWithPath: batchOut)) }
        let job = TeachJob(
            plan: plan, rejected: screened.rejected, log: log, folder: folder,
            filter: AnswerFilter(taxonomy: plan.taxonomy, leastAgreement: agreement, model: teacher.parameters.model))
        let report: TeachingReport
        if let batchIn {
            guard let lines = FileManager.default.contents(atPath: batchIn) else {
                throw ValidationError("\(batchIn) cannot be read: check the path and its permissions.")
            }
            report = try await job.take(lines, prices: teacher.prices)
        } else {
            report = try await job.ask(teacher, dialect: dialect)
        }
        show(report)
        switch report.end {
        case "stopped": throw ExitCode(130)
        case "hopeless", "incomplete", "budget_spent": throw ExitCode(1)
        default: break
        }
    }

    private func screenedPosts() throws -> (kept: [TeacherPost], rejected: [RejectedPost]) {
        let name = posts ?? "-"
        guard let data = name == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: name)
        else { throw ValidationError("\(name) cannot be read: check the path and its permissions.") }
        let all = try PostFile.read(data, form: format, name: name == "-" ? "standard input" : name)
        var known = NearDuplicates()
        for file in evaluation {
            for text in try DatasetReader.texts(URL(fileURLWithPath: file)) { known.insert(text) }
        }
        let screen = PostScreen(evaluation: known)
        var kept: [TeacherPost] = []
        var rejected: [RejectedPost] = []
        for post in all.prefix(limit ?? .max) {
            if let rejection = screen.rejection(of: post) { rejected.append(rejection) } else { kept.append(post) }
        }
        return (kept, rejected)
    }

    /// A dry run makes no file.
    private func existingLog() throws -> AnswerLog? {
        guard let output else { return nil }
        let file = URL(fileURLWithPath: output).appendingPathComponent(AnswerFiles.log)
        return FileManager.default.fileExists(atPath: file.path) ? try AnswerLog(file) : nil
    }

    private func writeBatch(_ plan: TeachingPlan, _ log: AnswerLog, _ dialect: EndpointDialect, to file: URL) throws {
        let open = plan.openRequests(in: log)
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        for request in open {
            try handle.write(contentsOf: BatchFiles.line(request, dialect: dialect, schema: plan.taxonomy.schema) + [0x0A])
        }
        try handle.close()
        StandardError.print("\(open.count) requests written to \(file.path)")
    }

    private func show(_ report: TeachingReport) {
        if json { return print(String(decoding: report.json, as: UTF8.self), terminator: "") }
        let repeats = report.requests.repeats_after_kill + report.requests.repeats_after_timeout
        print("posts       \(report.posts), asked about \(report.samples) time\(report.samples == 1 ? "" : "s") each")
        print("answers     \(report.answers) to learn from, \(report.harmful) harmful kept apart, \(report.unanswered) open")
        for (reason, count) in report.rejected.sorted(by: { $0.key < $1.key }) where count > 0 {
            print("rejected    \(count) \(reason)")
        }
        let failures = report.requests.failures.values.reduce(0, +)
        let requests = report.requests
        print("requests    \(requests.sent) sent, \(requests.answered) answered, \(failures) failed, \(repeats) possible repeats")
        print("tokens      \(report.tokens.prompt) in prompts, \(report.tokens.completion) in answers")
        if report.cost > 0 { print("cost        \(String(format: "%.4f", report.cost))") }
        print("end         \(report.end)\(report.reason.map { ": \($0)" } ?? "")")
    }
}
