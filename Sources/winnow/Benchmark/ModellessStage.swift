// The stream without its student, for measuring everything else: records are decoded, posts get an empty enrichment.
import Posts
import StreamCore

struct ModellessStageProvider: EnrichmentStageProvider {
    let decoder: PostDecoder
    func makeStage() -> ModellessStage { ModellessStage(decoder: decoder) }
}

final class ModellessStage: EnrichmentStage {
    private let decoder: PostDecoder
    private let model = ModelVersion(name: "none", version: "0", weightsHash: "000000000000")

    init(decoder: PostDecoder) { self.decoder = decoder }

    func prepare(_ record: SourceRecord) -> PreparedRecord<Bool> {
        switch decoder.decode(record) {
        case .event(.upsert(let post)): .post(post, true, tokenCount: 1)
        case .event(.delete(let deletion)): .done(.delete(deletion))
        case .event(.account(let change)): .done(.account(change))
        case .skip(let reason): .done(.skipped(reason))
        case .reject(let rejection): .done(.dead(DeadLetter(rejection: rejection, record: record)))
        }
    }

    func tokenCount(_ tokens: Bool) -> Int { 1 }

    func enrich(_ posts: [(post: Post, tokens: Bool)]) -> [Enrichment] {
        posts.map {
            Enrichment(
                language: $0.post.language, sentiment: nil, topic: nil, entities: [],
                mask: MaskSummary(keptShare: 1, dropped: []), model: model)
        }
    }
}
