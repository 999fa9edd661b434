// Lines in, lines out, as `enrich` does it: one reader, a worker a core, results in the order of the input, memory bounded by
// the chunks under way. Passes over what an earlier run has written.
import Foundation
import Posts
import StreamPipeline
import StudentInference
import Synchronization

struct LabelStream {
    let ensemble: StudentEnsemble
    /// Models and mask, as each line names them.
    let model: String
    let workers: Int
    let decoder: PostDecoder
    let hasIdentifiers: Bool
    let input: LabelInput
    let output: LabelOutput

    /// Blocks until the input ends or the output does.
    func run() throws(EnrichFailure) {
        let underWay = workers * 2 + 2
        let ordered = OrderedOutput(descriptor: output.descriptor, chunksUnderWay: underWay)
        let chunks = BlockingQueue<LineChunk>(name: "label chunks", capacity: underWay)
        let progress = LabelProgress(all: input.lineCount, before: output.linesBefore)
        let threads = (0..<workers).map { number in
            DedicatedThread(name: "label-\(number)") { work(chunks, ordered, progress) }
        }
        var fault: EnrichFailure?
        do throws(EnrichFailure) { try read(into: chunks, ordered) } catch { fault = error }
        chunks.close()
        for thread in threads {
            while !thread.join(timeout: .seconds(3_600)) {}
        }
        output.flush()
        if let fault { throw fault }
        if case .failed(let code) = ordered.ending {
            throw EnrichFailure(description: "the output cannot be written: \(POSIXFailure(code: code))")
        }
        progress.end()
    }

    private func read(into chunks: BlockingQueue<LineChunk>, _ ordered: OrderedOutput) throws(EnrichFailure) {
        var reader = LineChunkReader(descriptor: input.descriptor)
        var number = 0
        var isChecked = output.linesBefore == 0
        while true {
            let chunk: LineChunk?
            do throws(POSIXFailure) { chunk = try reader.next() } catch {
                throw EnrichFailure(description: "the input cannot be read: \(error)")
            }
            guard let chunk else { break }
            let known = max(0, min(chunk.lines.count, output.linesBefore - (chunk.firstLine - 1)))
            if !isChecked, chunk.firstLine - 1 + known == output.linesBefore {
                let last = text(chunk.lines[known - 1], chunk.firstLine + known - 1)
                try output.goesOn(model: model, heads: ensemble.headNames, lastText: last)
                isChecked = true
            }
            guard known < chunk.lines.count else { continue }
            guard ordered.waitForRoom() else { return }
            chunks.send(LineChunk(number: number, firstLine: chunk.firstLine + known, lines: Array(chunk.lines[known...])))
            number += 1
        }
        if !isChecked {
            throw EnrichFailure(description: "\(output.path ?? "the output") has more lines than the input: name another --output.")
        }
    }

    private func text(_ line: LineChunk.Line, _ number: Int) -> String? {
        if case .event(.upsert(let post)) = decode(line, number: number) { return post.text }
        return nil
    }

    /// The life of one worker thread.
    private func work(_ chunks: BlockingQueue<LineChunk>, _ ordered: OrderedOutput, _ progress: LabelProgress) {
        let worker = EnsembleWorker(ensemble)
        while let chunk = chunks.receive() {
            // When nobody reads the output any more there is no use in filling it.
            let lines = ordered.ending == nil ? label(chunk, with: worker) : []
            ordered.put(lines.flatMap { Array($0.utf8) + [0x0A] }, number: chunk.number, errors: 0)
            progress.add(chunk.lines.count)
        }
    }

    private func label(_ chunk: LineChunk, with worker: EnsembleWorker) -> [String] {
        var lines: [String] = []
        var posts: [(place: Int, post: Post)] = []
        for (place, line) in chunk.lines.enumerated() {
            let number = chunk.firstLine + place
            switch decode(line, number: number) {
            case .event(.upsert(let post)):
                posts.append((place, post))
                lines.append("")
            case .event(.delete): lines.append(EnrichedLine.skipped("delete", line: number))
            case .event(.account(let change)): lines.append(EnrichedLine.skipped("account_\(change.kind.rawValue)", line: number))
            case .skip(let reason): lines.append(EnrichedLine.skipped(reason.rawValue, line: number))
            case .reject(let rejection): lines.append(EnrichedLine.error(rejection, line: number))
            case .several: lines.append(EnrichedLine.skipped("several_documents", line: number))
            }
        }
        for (post, answers) in zip(posts, worker.answer(posts.map(\.post.text))) {
            lines[post.place] = LabelledLine.line(post.post, answers, model: model, hasIdentifier: hasIdentifiers)
        }
        return lines
    }

    private func decode(_ line: LineChunk.Line, number: Int) -> DecodedRecord {
        guard case .whole(let bytes) = line else {
            return .reject(
                Rejection(
                    reason: .tooLarge,
                    detail: "the line has more than the \(LineChunkReader.longestLine) bytes that are read"))
        }
        let position = SourcePosition(
            topicPartition: TopicPartition(topic: "posts", partition: 0), offset: Int64(number))
        return bytes.withUnsafeBufferPointer { decoder.decode($0, at: position) }
    }
}

/// A line on standard error every five seconds.
final class LabelProgress: Sendable {
    private struct State: Sendable {
        var done = 0
        var shownAt = ContinuousClock.now
    }
    private let all: Int?
    private let before: Int
    private let started = ContinuousClock.now
    private let state = Mutex(State())

    init(all: Int?, before: Int) {
        self.all = all
        self.before = before
        if before > 0 { StandardError.print("\(before) lines are there from before") }
    }

    func add(_ lines: Int) {
        let due = state.withLock { state -> Int? in
            state.done += lines
            guard ContinuousClock.now - state.shownAt > .seconds(5) else { return nil }
            state.shownAt = .now
            return state.done
        }
        if let due { show(due) }
    }

    func end() { show(state.withLock(\.done)) }

    private func show(_ done: Int) {
        let seconds = max(0.001, (ContinuousClock.now - started) / .seconds(1))
        let rate = Double(done) / seconds
        var line = "\(before + done)\(all.map { " of \($0)" } ?? "") lines, \(Int(rate.rounded())) a second"
        if let all, rate > 0, before + done < all { line += ", \(Int(Double(all - before - done) / rate)) s left" }
        StandardError.print(line)
    }
}
