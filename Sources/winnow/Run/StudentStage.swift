// Plugs decoder, masks and students into the pipeline's seam. One stage a worker thread; the weights are shared.
import Posts
import StreamCore
import StudentInference

struct StudentStageProvider: EnrichmentStageProvider {
    let students: StudentRoutes
    let decoder: PostDecoder

    func makeStage() -> StudentStage { StudentStage(self) }
}

final class StudentStage: EnrichmentStage {
    typealias Tokens = RoutedPost

    private let decoder: PostDecoder
    private let worker: RoutedWorker

    init(_ provider: StudentStageProvider) {
        decoder = provider.decoder
        worker = RoutedWorker(provider.students)
    }

    func prepare(_ record: SourceRecord) -> PreparedRecord<RoutedPost> {
        switch decoder.decode(record) {
        case .event(.upsert(let post)):
            let tokens = worker.prepare(post)
            return .post(post, tokens, tokenCount: tokens.tokenCount)
        case .event(.delete(let deletion)): return .done(.delete(deletion))
        case .event(.account(let change)): return .done(.account(change))
        case .skip(let reason): return .done(.skipped(reason))
        case .reject(let rejection): return .done(.dead(DeadLetter(rejection: rejection, record: record)))
        }
    }

    func tokenCount(_ tokens: RoutedPost) -> Int { tokens.tokenCount }

    func enrich(_ posts: [(post: Post, tokens: RoutedPost)]) -> [Enrichment] { worker.enrich(posts) }
}
