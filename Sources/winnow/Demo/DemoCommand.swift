// `winnow demo`: everything in one process and a temporary database, so that a newcomer sees enriched rows in a minute.
// Puts the parts together in order and takes them down in reverse; the stream is the one that `winnow run` runs.
import ArgumentParser
import Foundation
import KafkaIngest
import PostgresDelivery
import StreamCore

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the whole stream at work: broker, database, live feed and all.",
        discussion: """
            Starts a development broker in this process, a temporary PostgreSQL server on a free port and a synthetic \
            live feed, runs the stream between them, and prints what is in the database at the end. It needs \
            PostgreSQL's programs on this machine, and no network. Nothing of it stays unless --keep is given.

            Ctrl-C ends it in good order: what is in flight is finished, and the tables are printed. A second Ctrl-C \
            ends it at once.
            """)

    @OptionGroup var options: DemoOptions

    private static let topic = "demo"
    private static let partitionCount: Int32 = 4
    /// How long the stream may take to catch up after the feed has ended; less after Ctrl-C.
    private static let catchUpSeconds = 60.0
    private static let hurriedCatchUpSeconds = 5.0

    func run() throws {
        let stop = StopFlag()
        let server = DemoServerEnd()
        let signals = TerminationSignal(onFirst: { _ in stop.set() }, onSecond: { _ in server.endProcess() })
        defer { signals.cancel() }
        var status = DemoStatusLine(
            style: TerminalStyle(options.color, descriptor: FileHandle.standardError.fileDescriptor))

        let postgres = try startPostgres(status, stop)
        if !options.keep { server.serverRuns(endedBy: postgres.endCommand) }
        defer { server.end { endPostgres(postgres, status) } }
        if stop.isStopped { throw ExitCode(130) }
        let broker = try startBroker(status)
        let stream = try startStream(brokers: broker.bootstrapServers, postgres: postgres, status)
        let database = try reading { () throws(DatabaseFailure) in try DemoDatabase(url: postgres.url) }
        let feeder = try startFeed(brokers: broker.bootstrapServers)
        if options.stay { sayHowToLookIn(broker: broker, postgres: postgres, status) }

        let last = try watch(feeder, database, stream, stop, &status)
        status.finish(last)
        let isBrokenOff = stop.isStopped
        status.say(stream.stop())
        withExtendedLifetime(broker) {}
        try report(feeder.progress, database, status)
        if isBrokenOff {
            // With --stay, Ctrl-C is how it is meant to end.
            if options.stay { return }
            throw ExitCode(130)
        }
    }

    private func report(_ progress: DemoFeeder.Progress, _ database: DemoDatabase, _ status: DemoStatusLine) throws {
        if let failure = progress.failure { status.say("The feed ended early: \(failure.description)") }
        let style = TerminalStyle(options.color, descriptor: FileHandle.standardOutput.fileDescriptor)
        try reading { () throws(DatabaseFailure) in
            // What had no time to be read is missing on purpose: then there is nothing to compare with.
            let isComplete = try database.outcomes().values.reduce(0, +) == progress.sent
            if !isComplete { status.say("The stream was not through with all \(progress.sent.grouped) records.") }
            try DemoReport(database: database, style: style).print(expected: isComplete ? progress.expected : nil)
        }
    }

    /// Shows how far everything is until the feed has ended and the stream is through, or the time for that is over.
    private func watch(
        _ feeder: DemoFeeder, _ database: DemoDatabase, _ stream: DemoStream, _ stop: StopFlag,
        _ status: inout DemoStatusLine
    ) throws -> DemoStatusLine.Reading {
        let began = ContinuousClock.now
        var feedEnd: ContinuousClock.Instant?
        while true {
            if stop.isStopped { stream.waitForEnd(0.2) } else { _ = stop.wait(until: Date(timeIntervalSinceNow: 0.5)) }
            if stop.isStopped { feeder.requestStop() }
            let outcomes = try reading { () throws(DatabaseFailure) in try database.outcomes() }
            let progress = feeder.progress
            let now = DemoStatusLine.Reading(
                elapsed: ContinuousClock.now - began, sent: progress.sent, outcomes: outcomes)
            feeder.noteFinished(now.finished)
            status.show(now)
            if let failure = stream.failure { throw CommandFailure(failure) }
            guard progress.isFinished, stop.isStopped || !options.stay else { continue }
            let end = feedEnd ?? ContinuousClock.now
            feedEnd = end
            let limit = stop.isStopped ? Self.hurriedCatchUpSeconds : Self.catchUpSeconds
            if now.finished >= now.sent || (ContinuousClock.now - end) / .seconds(1) > limit { return now }
        }
    }

    // MARK: Parts

    private func startPostgres(_ status: DemoStatusLine, _ stop: StopFlag) throws -> TemporaryPostgres {
        let began = ContinuousClock.now
        do {
            let postgres = try TemporaryPostgres()
            status.say("PostgreSQL on port \(postgres.port) (\(Self.elapsed(since: began)))")
            return postgres
        } catch {
            // Ctrl-C reaches PostgreSQL's programs too.
            if stop.isStopped { throw ExitCode(130) }
            throw CommandFailure("\(error)")
        }
    }

    private func startBroker(_ status: DemoStatusLine) throws -> DevelopmentBroker {
        do throws(SourceFailure) {
            let broker = try DevelopmentBroker(
                topics: [DevelopmentBroker.Topic(name: Self.topic, partitionCount: Self.partitionCount)])
            status.say(
                "Kafka development broker on \(broker.bootstrapServers), topic \(Self.topic) with "
                    + "\(Self.partitionCount) partitions")
            return broker
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func startStream(
        brokers: String, postgres: TemporaryPostgres, _ status: DemoStatusLine
    ) throws -> DemoStream {
        let began = ContinuousClock.now
        let stream = try DemoStream(
            brokers: brokers, topic: Self.topic, databaseURL: postgres.url, options: options)
        stream.start()
        status.say("Stream started: model \(stream.description) (\(Self.elapsed(since: began)))")
        return stream
    }

    private func startFeed(brokers: String) throws -> DemoFeeder {
        let plan = DemoFeeder.Plan(
            topic: Self.topic, eventsPerSecond: options.rate, seed: options.seed, posts: options.posts,
            duration: options.stay || options.posts != nil ? nil : .seconds(options.duration))
        do throws(SourceFailure) {
            let feeder = try DemoFeeder(brokers: brokers, plan: plan)
            feeder.start()
            return feeder
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func endPostgres(_ postgres: TemporaryPostgres, _ status: DemoStatusLine) {
        guard options.keep else {
            postgres.stop()
            return
        }
        postgres.leaveRunning()
        status.say(
            """
            The database goes on running. Connect with
                psql \(postgres.url)
            and end it and remove its files with
                \(postgres.endCommand)
            """)
    }

    private func sayHowToLookIn(broker: DevelopmentBroker, postgres: TemporaryPostgres, _ status: DemoStatusLine) {
        status.say(
            """
            Everything stays until Ctrl-C. Look in from another terminal:
                psql \(postgres.url)
                winnow produce --brokers \(broker.bootstrapServers) --topic \(Self.topic)
            """)
    }

    private func reading<Value>(_ body: () throws(DatabaseFailure) -> Value) throws -> Value {
        do throws(DatabaseFailure) {
            return try body()
        } catch {
            throw CommandFailure("The demo's database could not be read: \(error.description)")
        }
    }

    private static func elapsed(since began: ContinuousClock.Instant) -> String {
        let tenths = Int(((ContinuousClock.now - began) / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
