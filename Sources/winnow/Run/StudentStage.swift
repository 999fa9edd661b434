// Plugs decoder, language, masks and students into the pipeline's seam. One stage a worker thread; the weights are shared.
import LanguageIdentification
import Posts
import StreamCore
import StudentInference

struct StudentStageProvider: EnrichmentStageProvider {
    let students: StudentRoutes
    let decoder: RecordDecoder

    func makeStage() -> StudentStage { StudentStage(self) }
}

final class StudentStage: EnrichmentStage {
    typealias Tokens = RoutedPost

    private let decoder: RecordDecoder
    private let worker: RoutedWorker

    init(_ provider: StudentStageProvider) {
        decoder = provider.decoder
        worker = RoutedWorker(provider.students)
    }

    func prepare(_ record: SourceRecord) -> PreparedRecord<RoutedPost> {
        PreparedRecord(decoder.decode(record), of: record) { post in
            post.language = PostLanguage.decide(tag: post.language, text: post.text)
            let tokens = worker.prepare(post)
            return (tokens, tokens.tokenCount)
        }
    }

    func tokenCount(_ tokens: RoutedPost) -> Int { tokens.tokenCount }

    func enrich(_ posts: [(post: Post, tokens: RoutedPost)]) -> [Enrichment] { worker.enrich(posts) }
}
