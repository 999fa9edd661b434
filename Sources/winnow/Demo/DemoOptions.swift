// What `winnow demo` can be told. Checks ranges; decides nothing.
import ArgumentParser
import ServiceSettings

struct DemoOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(
        "How long the feed posts. (default: 30s)", discussion: "Seconds, or with a unit: 45s, 2m. Ignored with --posts.",
        valueName: "time"), transform: DemoOptions.seconds)
    var duration = 30

    @Option(name: .long, help: ArgumentHelp("End after this many posts instead.", valueName: "n"))
    var posts: Int?

    @Option(name: .long, help: ArgumentHelp(
        "Events a second, posts and all else. The feed waits when the stream is four seconds behind.", valueName: "n"))
    var rate = 200

    @Option(name: .long, help: ArgumentHelp("The same seed gives the same posts.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(name: .long, help: ArgumentHelp("The model's folder; the shipped model unless given.", valueName: "dir"))
    var model: String?

    @Option(name: .long, help: ArgumentHelp("What the mask drops by.", valueName: "name"))
    var mask: ModelSettings.Mask?

    @Flag(name: .long, help: "Keep the database running at the end, and say how to connect and how to remove it.")
    var keep = false

    @Flag(name: .long, help: "Go on until Ctrl-C: feed, broker, stream and database stay.")
    var stay = false

    @Option(name: .long, help: ArgumentHelp("Colours and strike-through: auto, always or never.", valueName: "when"))
    var color = ColorChoice.auto

    func validate() throws {
        guard (1 ... 86_400).contains(duration) else {
            throw ValidationError("--duration must be between 1 second and a day.")
        }
        guard (1 ... 20_000).contains(rate) else { throw ValidationError("--rate must be between 1 and 20000.") }
        if let posts, posts < 1 { throw ValidationError("--posts must be at least 1.") }
    }

    private static func seconds(_ text: String) throws -> Int {
        let units = ["s": 1, "m": 60, "h": 3_600]
        let unit = text.last.flatMap { units[String($0)] }
        guard let number = Int(unit == nil ? text : String(text.dropLast())), number <= 86_400 else {
            throw ValidationError("'\(text)' is no time: write 45, 45s or 2m.")
        }
        return number * (unit ?? 1)
    }
}

extension ModelSettings.Mask: ExpressibleByArgument {}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
