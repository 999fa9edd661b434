// The work of `winnow produce`: reads lines or frames, paces, sends, waits for the acknowledgements and says what became of
// each.
import Foundation
import KafkaIngest
import StreamCore

struct LineFeed {
    private static let flushTime = Duration.seconds(330)
    private static let interruptedFlushTime = Duration.seconds(20)
    private static let progressInterval = Duration.seconds(2)
    /// How long to wait for input before looking up: Ctrl-C and the progress line are due.
    private static let lookUpMilliseconds: Int32 = 200

    private let producer: KafkaProducer
    private let topic: String
    private let partitionCount: Int32
    private let keyField: KeyField?
    private let rate: Double?
    private let maximumLineBytes: Int
    private let showsProgress: Bool
    private let stop: StopFlag

    /// `auto` until the first line that is not blank.
    private var framing: InputFraming
    private var frame = EventFrame()
    private var nextPartition: Int32 = 0
    private var lineCount = 0
    /// Lines, or frames.
    private var itemCount = 0
    private var emptyCount = 0
    private var tooLongCount = 0
    private var keylessCount = 0
    private var refusedCount = 0
    private var lastRefusal: SourceFailure?
    private let started = ContinuousClock.now
    private var nextProgress: ContinuousClock.Instant

    /// Reaches the broker, so that a wrong address is told before anything is read. librdkafka goes on trying within
    /// the time.
    init(
        brokers: String, topic: String, properties: KafkaProperties, framing: InputFraming, keyField: KeyField?, rate: Double?,
        maximumLineBytes: Int, showsProgress: Bool, stop: StopFlag
    ) throws(SourceFailure) {
        producer = try KafkaProducer(brokers: brokers, properties: properties)
        partitionCount = try producer.partitionCount(ofTopic: topic)
        self.topic = topic
        self.framing = framing
        self.keyField = keyField
        self.rate = rate
        self.maximumLineBytes = maximumLineBytes
        self.showsProgress = showsProgress
        self.stop = stop
        nextProgress = started + Self.progressInterval
    }

    /// Whether everything that was to be sent has been acknowledged.
    var isComplete: Bool {
        let counts = producer.counts
        return counts.failed == 0 && counts.inFlight == 0 && tooLongCount == 0 && refusedCount == 0
    }

    var report: String {
        let counts = producer.counts
        let noun = framing == .events ? "events" : "lines"
        var parts = ["\(itemCount) \(noun) read", "\(counts.acknowledged) acknowledged"]
        if counts.failed > 0 { parts.append("\(counts.failed) failed") }
        if refusedCount > 0 { parts.append("\(refusedCount) refused") }
        if counts.inFlight > 0 { parts.append("\(counts.inFlight) without an answer") }
        if tooLongCount > 0 { parts.append("\(tooLongCount) too long") }
        if emptyCount > 0 { parts.append("\(emptyCount) \(framing == .events ? "without data" : "empty")") }
        if keylessCount > 0 { parts.append("\(keylessCount) without a key") }
        let cause = (lastRefusal ?? producer.lastFailure).map { "; the last failure: \($0)" } ?? ""
        return parts.joined(separator: ", ") + cause
    }

    mutating func run() throws(POSIXFailure) {
        var reader = LineReader(maximumBytes: maximumLineBytes)
        reading: while !stop.isStopped {
            switch try reader.next(waitingAtMost: Self.lookUpMilliseconds) {
            case .end: break reading
            case .nothingYet: break
            case .tooLong(let byteCount):
                lineCount += 1
                if framing == .events { frame.add(droppedBytes: byteCount) } else { refuse(byteCount) }
            case .line(let line):
                lineCount += 1
                take(line)
            }
            showProgress()
        }
        finishFrame()
        finish()
    }

    private mutating func take(_ line: [UInt8]) {
        if framing == .auto, !EventFrame.isBlank(line) { framing = InputFraming.isOfEvents(line) ? .events : .lines }
        if framing != .events {
            itemCount += 1
            send(line, keyFrom: line)
            pace()
        } else if EventFrame.isBlank(line) {
            finishFrame()
        } else {
            frame.add(line, maximumBytes: maximumLineBytes)
        }
    }

    /// The last one needs no blank line.
    private mutating func finishFrame() {
        guard !frame.isEmpty else { return }
        if frame.byteCount > maximumLineBytes {
            refuse(frame.byteCount)
        } else if let data = frame.data {
            itemCount += 1
            send(frame.bytes, keyFrom: data)
            pace()
        } else {
            itemCount += 1
            emptyCount += 1
        }
        frame = EventFrame()
    }

    private mutating func refuse(_ byteCount: Int) {
        itemCount += 1
        tooLongCount += 1
        tell(
            "\(framing == .events ? "The event that ends in line" : "Line") \(lineCount) has \(byteCount) bytes and was not sent: "
                + "the bound is \(maximumLineBytes) (--max-line-bytes)")
    }

    /// - Parameter document: where the record's key is looked for.
    private mutating func send(_ value: [UInt8], keyFrom document: [UInt8]) {
        guard !value.isEmpty else {
            emptyCount += 1
            return
        }
        var key: [UInt8]?
        var partition: Int32?
        if let keyField {
            key = keyField.key(of: document)
            if key == nil { keylessCount += 1 }
        } else {
            partition = nextPartition
            nextPartition = (nextPartition + 1) % partitionCount
        }
        do {
            try producer.send(topic: topic, partition: partition, key: key, value: value)
        } catch {
            refusedCount += 1
            lastRefusal = error
            tell("What ends in line \(lineCount) was not sent: \(error.detail)")
        }
    }

    /// Waits until the next record is due; Ctrl-C ends the wait.
    private func pace() {
        guard let rate else { return }
        let due = started + .seconds(Double(itemCount) / rate)
        let wait = due - .now
        guard wait > .milliseconds(1) else { return }
        _ = stop.wait(until: Date(timeIntervalSinceNow: wait / .seconds(1)))
    }

    private mutating func finish() {
        let deadline = ContinuousClock.now + Self.flushTime
        var interruptedDeadline: ContinuousClock.Instant?
        while producer.counts.inFlight > 0, .now < interruptedDeadline ?? deadline {
            if producer.flush(within: .milliseconds(500)) { break }
            if stop.isStopped, interruptedDeadline == nil { interruptedDeadline = .now + Self.interruptedFlushTime }
            showProgress()
        }
    }

    private mutating func showProgress() {
        guard showsProgress, .now >= nextProgress else { return }
        nextProgress = .now + Self.progressInterval
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        let counts = producer.counts
        let rate = Int(Double(counts.acknowledged) / seconds)
        tell("\(counts.acknowledged) acknowledged, \(counts.inFlight) in flight, \(rate) a second")
    }

    private func tell(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
