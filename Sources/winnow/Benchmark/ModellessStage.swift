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
        PreparedRecord(decoder.decode(record), of: record) { _ in (true, 1) }
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
