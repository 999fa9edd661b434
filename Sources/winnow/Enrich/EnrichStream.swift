// Lines in, lines out: one reader, a worker a core, results in the order of the input. Memory is bounded by the chunks
// that are under way at once.
import Foundation
import Posts
import StreamPipeline
import StudentInference

struct EnrichStream {
    let students: StudentRoutes
    let decoder: PostDecoder
    /// Lines of plain text carry no identifier.
    let hasIdentifiers: Bool
    let workers: Int

    /// Blocks until the input ends or the output does.
    /// - Returns: how many lines could not be read.
    func run() throws(EnrichFailure) -> Int {
        // Two chunks a worker keep all of them busy; one more is being read and one being written.
        let underWay = workers * 2 + 2
        let output = OrderedOutput(chunksUnderWay: underWay)
        let chunks = BlockingQueue<LineChunk>(name: "enrich chunks", capacity: underWay)
        let threads = (0..<workers).map { number in
            DedicatedThread(name: "enrich-\(number)") { work(chunks, output) }
        }
        let fault = read(into: chunks, output)
        chunks.close()
        for thread in threads {
            while !thread.join(timeout: .seconds(3_600)) {}
        }
        if let fault {
            throw EnrichFailure(description: "standard input cannot be read: \(fault)")
        }
        if case .failed(let code) = output.ending {
            throw EnrichFailure(description: "standard output cannot be written: \(POSIXFailure(code: code))")
        }
        return output.errorCount
    }

    private func read(into chunks: BlockingQueue<LineChunk>, _ output: OrderedOutput) -> POSIXFailure? {
        var reader = LineChunkReader()
        do throws(POSIXFailure) {
            while output.waitForRoom(), let chunk = try reader.next() { chunks.send(chunk) }
            return nil
        } catch {
            return error
        }
    }

    /// The life of one worker thread.
    private func work(_ chunks: BlockingQueue<LineChunk>, _ output: OrderedOutput) {
        let worker = RoutedWorker(students)
        while let chunk = chunks.receive() {
            // When nobody reads the output any more there is no use in filling it.
            let result = output.ending == nil ? enrich(chunk, with: worker) : (bytes: [], errors: 0)
            output.put(result.bytes, number: chunk.number, errors: result.errors)
        }
    }

    private func enrich(_ chunk: LineChunk, with worker: RoutedWorker) -> (bytes: [UInt8], errors: Int) {
        var answers: [String] = []
        var places: [Int] = []
        var posts: [(post: Post, tokens: RoutedPost)] = []
        var errors = 0
        for (place, line) in chunk.lines.enumerated() {
            let number = chunk.firstLine + place
            switch decode(line, number: number) {
            case .event(.upsert(let post)):
                places.append(place)
                posts.append((post, worker.prepare(post)))
                // Its place; the result follows when the batch has been through the student.
                answers.append("")
            case .event(.delete): answers.append(EnrichedLine.skipped("delete", line: number))
            case .event(.account(let change)):
                answers.append(EnrichedLine.skipped("account_\(change.kind.rawValue)", line: number))
            case .skip(let reason): answers.append(EnrichedLine.skipped(reason.rawValue, line: number))
            case .reject(let rejection):
                errors += 1
                answers.append(EnrichedLine.error(rejection, line: number))
            }
        }
        for ((place, post), enrichment) in zip(zip(places, posts), worker.enrich(posts)) {
            answers[place] = EnrichedLine.result(post.post, enrichment, hasIdentifier: hasIdentifiers)
        }
        return (answers.flatMap(\.utf8), errors)
    }

    private func decode(_ line: LineChunk.Line, number: Int) -> DecodedRecord {
        guard case .whole(let bytes) = line else {
            return .reject(
                Rejection(
                    reason: .tooLarge,
                    detail: "the line has more than the \(LineChunkReader.longestLine) bytes that are read"))
        }
        let position = SourcePosition(
            topicPartition: TopicPartition(topic: "stdin", partition: 0), offset: Int64(number))
        return bytes.withUnsafeBufferPointer { decoder.decode($0, at: position) }
    }
}

/// Why enriching ended before the input did.
struct EnrichFailure: Error, CustomStringConvertible {
    let description: String
}
