// Texts through the students on several threads, one batch at a time, results in the order of the texts. For commands that
// go through stored posts; the stream has its own stages.
import Posts
import StreamPipeline
import StudentInference

/// One text to be read.
struct StudentText: Sendable {
    let text: String
    let language: String?
}

final class StudentPool {
    private struct Chunk: Sendable {
        let number: Int
        let texts: ArraySlice<StudentText>
    }

    private struct Answer: Sendable {
        let number: Int
        let enrichments: [Enrichment]
    }

    /// Small enough that no worker waits long for the slowest, large enough to pack well.
    private static let chunksPerWorker = 4
    private let workerCount: Int
    private let chunks: BlockingQueue<Chunk>
    private let answers: BlockingQueue<Answer>
    private let threads: [DedicatedThread]

    init(_ students: StudentRoutes, workers: Int) {
        workerCount = max(workers, 1)
        // A batch is cut into no more chunks than this, and the next one begins when all were answered.
        let capacity = workerCount * Self.chunksPerWorker + 1
        let chunks = BlockingQueue<Chunk>(name: "student chunks", capacity: capacity)
        let answers = BlockingQueue<Answer>(name: "student answers", capacity: capacity)
        self.chunks = chunks
        self.answers = answers
        threads = (0..<workerCount).map { number in
            DedicatedThread(name: "student-\(number)") {
                let worker = RoutedWorker(students)
                while let chunk = chunks.receive() {
                    let texts = chunk.texts.map { text in
                        (
                            text: text.text, language: text.language,
                            tokens: worker.prepare(text.text, language: text.language)
                        )
                    }
                    answers.send(Answer(number: chunk.number, enrichments: worker.enrich(texts: texts)))
                }
            }
        }
    }

    /// Ends the threads once they have finished what they hold.
    deinit { chunks.close() }

    /// Blocks until every text has been read.
    func enrich(_ texts: [StudentText]) -> [Enrichment] {
        guard !texts.isEmpty else { return [] }
        let parts = workerCount * Self.chunksPerWorker
        let size = (texts.count + parts - 1) / parts
        var sent = 0
        for start in stride(from: 0, to: texts.count, by: size) {
            chunks.send(Chunk(number: sent, texts: texts[start..<min(start + size, texts.count)]))
            sent += 1
        }
        var results = [[Enrichment]](repeating: [], count: sent)
        for _ in 0..<sent {
            guard let answer = answers.receive() else { break }
            results[answer.number] = answer.enrichments
        }
        return results.flatMap { $0 }
    }
}
