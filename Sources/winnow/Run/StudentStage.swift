// Plugs decoder, language, mask and student into the pipeline's seam. One stage a worker thread; the weights are shared.
import LanguageIdentification
import Masking
import Posts
import StreamCore
import StudentInference

struct StudentStageProvider: EnrichmentStageProvider {
    let student: Student
    let mask: MaskPolicy
    let decoder: RecordDecoder

    func makeStage() -> StudentStage { StudentStage(self) }
}

final class StudentStage: EnrichmentStage {
    typealias Tokens = TokenizedPost

    private let decoder: RecordDecoder
    private let worker: StudentWorker

    init(_ provider: StudentStageProvider) {
        decoder = provider.decoder
        worker = StudentWorker(student: provider.student, mask: provider.mask)
    }

    func prepare(_ record: SourceRecord) -> PreparedRecord<TokenizedPost> {
        PreparedRecord(decoder.decode(record), of: record) { post in
            post.language = PostLanguage.decide(tag: post.language, text: post.text)
            let tokens = worker.prepare(post.text)
            return (tokens, tokens.tokenCount)
        }
    }

    func tokenCount(_ tokens: TokenizedPost) -> Int { tokens.tokenCount }

    func enrich(_ posts: [(post: Post, tokens: TokenizedPost)]) -> [Enrichment] {
        worker.enrich(
            posts.map { EnrichmentRequest(post: $0.tokens, text: $0.post.text, language: $0.post.language) })
    }
}
