// The options of `winnow teach` that say which teacher is asked, how, and for how much; checked before anything is sent.
import ArgumentParser
import Distillation
import Foundation
import ServiceSettings

extension EndpointDialect.Structure: ExpressibleByArgument {}
extension AnswerLog.Syncing: ExpressibleByArgument {}
extension PostFile.Form: ExpressibleByArgument {}

struct TeacherOptions: ParsableArguments {
    static let keyVariable = "WINNOW_TEACHER_KEY"

    @Option(help: ArgumentHelp("The endpoint up to /chat/completions, such as http://127.0.0.1:8080/v1.", valueName: "url"))
    var baseURL: String?
    @Option(help: ArgumentHelp("The model, as the endpoint calls it.", valueName: "name"))
    var model: String?
    @Option(help: ArgumentHelp("A file with the key; without it \(keyVariable) is looked at.", valueName: "file"))
    var keyFile: String?
    @Flag(help: "Send the key over plain HTTP to another machine.")
    var insecure = false
    @Option(
        help: """
            How the form of the answer is asked for: schema, schema-in-object (llama-cpp-python's), object (any JSON) or off. What the \
            endpoint refuses is given up for the next one.
            """)
    var structured = EndpointDialect.Structure.schema
    @Option(help: "Requests under way at once: also the most that a kill can make the teacher answer twice.")
    var concurrency = 8
    @Option(help: ArgumentHelp("Time for one whole answer.", valueName: "seconds"))
    var timeout = 120
    @Option(help: "Tries of one request, the first included.")
    var attempts = 8
    @Option(help: ArgumentHelp("Requests a minute.", valueName: "count"))
    var requestsPerMinute: Int?
    @Option(help: ArgumentHelp("Tokens a minute, prompt and answer.", valueName: "count"))
    var tokensPerMinute: Int?
    @Option(help: ArgumentHelp("Tokens of the whole job, earlier runs included.", valueName: "count"))
    var tokenBudget: Int?
    @Option(help: ArgumentHelp("Cost of the whole job, in the currency of the prices.", valueName: "amount"))
    var costBudget: Double?
    @Option(help: ArgumentHelp("Price of a million prompt tokens.", valueName: "amount"))
    var pricePrompt = 0.0
    @Option(help: ArgumentHelp("Price of a million tokens of answers.", valueName: "amount"))
    var priceCompletion = 0.0
    @Option(help: "How often each post is asked about.")
    var samples = 1
    @Option(help: "Default: 0, or 0.7 where there are several samples.")
    var temperature: Double?
    @Option(help: ArgumentHelp("Longest answer.", valueName: "tokens"))
    var maximumTokens = 400

    func validate() throws {
        func positive(_ name: String, _ value: Int?) throws {
            if let value, value < 1 { throw ValidationError("\(name) is \(value): it must be at least 1.") }
        }
        for (name, value) in [
            ("--concurrency", concurrency), ("--timeout", timeout), ("--attempts", attempts), ("--samples", samples),
            ("--maximum-tokens", maximumTokens), ("--requests-per-minute", requestsPerMinute),
            ("--tokens-per-minute", tokensPerMinute), ("--token-budget", tokenBudget),
        ] { try positive(name, value) }
        guard concurrency <= 256 else { throw ValidationError("--concurrency is \(concurrency): at most 256.") }
        guard samples <= 32 else { throw ValidationError("--samples is \(samples): at most 32.") }
        guard [pricePrompt, priceCompletion, costBudget ?? 0, temperature ?? 0].allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw ValidationError("Prices, --cost-budget and --temperature must be 0 or more.")
        }
        if costBudget != nil, pricePrompt == 0, priceCompletion == 0 {
            throw ValidationError("--cost-budget needs --price-prompt and --price-completion.")
        }
    }

    var parameters: ChatParameters {
        ChatParameters(
            model: model ?? "", temperature: temperature ?? (samples > 1 ? 0.7 : 0), maximumTokens: maximumTokens)
    }

    var prices: TokenPrices { TokenPrices(prompt: pricePrompt, completion: priceCompletion) }

    var limits: TeachingRun.Limits {
        var limits = TeachingRun.Limits()
        limits.concurrency = concurrency
        limits.requestsPerMinute = requestsPerMinute
        limits.tokensPerMinute = tokensPerMinute
        limits.retries.attempts = attempts
        limits.failuresInARow = max(50, 3 * concurrency)
        return limits
    }

    /// - Throws: one sentence on what is wrong with address or key.
    func transport() throws -> ChatTransport {
        guard let baseURL else { throw ValidationError("--base-url is missing: name the teacher's endpoint.") }
        let trimmed = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        guard let url = URL(string: trimmed + "/chat/completions"), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.host, url.user == nil, url.query == nil
        else {
            throw ValidationError("--base-url is no address of the form https://HOST/v1 without a user or a question mark.")
        }
        let key = try readKey()
        let isNear = host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
        if key != nil, scheme == "http", !isNear, !insecure {
            throw ValidationError("The key would go to \(host) unencrypted: use https, or --insecure if that is meant.")
        }
        return ChatTransport(
            url: url, authorization: key.map { "Bearer \($0.reveal())" }, timeout: .seconds(timeout), connections: concurrency)
    }

    private func readKey() throws -> Secret? {
        var text: String?
        var source = "The variable \(Self.keyVariable)"
        if let keyFile {
            source = "The key file \(keyFile)"
            guard let data = FileManager.default.contents(atPath: keyFile), data.count <= 64 << 10 else {
                throw ValidationError("\(source) cannot be read, or is too large for a key.")
            }
            text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        } else if let value = ProcessInfo.processInfo.environment[Self.keyVariable], !value.isEmpty {
            text = value.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let text else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("\(source) holds no key: a key is one word of printable ASCII signs.")
        }
        return Secret(text)
    }
}
