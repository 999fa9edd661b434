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
        var answers = ChunkAnswers()
        for (place, line) in chunk.lines.enumerated() {
            let number = chunk.firstLine + place
            let decoded = decode(line, number: number)
            if case .several(let documents) = decoded {
                answers.startLine(isList: true)
                for document in documents { answers.add(document.content, line: number) }
            } else {
                answers.startLine(isList: false)
                answers.add(decoded, line: number)
            }
        }
        let posts = answers.posts.map { (post: $0, tokens: worker.prepare($0)) }
        return (answers.bytes(with: worker.enrich(posts), hasIdentifiers: hasIdentifiers), answers.errors)
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
