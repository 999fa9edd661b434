// One thread's share of all students: each post goes to the student of its language, a micro-batch of several languages is
// split, and its results come back in order. Owns an arena for each model; no other thread may use it.
package import Posts

/// A post after the tokenizer and the mask of the student that will read it.
package struct RoutedPost: Sendable {
    /// Index into `StudentRoutes.routes`.
    let route: Int
    package let post: TokenizedPost
    package var tokenCount: Int { post.tokenCount }
}

package final class RoutedWorker {
    private let routes: StudentRoutes
    private let workers: [StudentWorker]

    package init(_ routes: StudentRoutes) {
        self.routes = routes
        workers = routes.routes.map { StudentWorker(student: $0.student, mask: $0.mask) }
    }

    package func prepare(_ post: Post) -> RoutedPost { prepare(post.text, language: post.language) }

    package func prepare(_ text: String, language: String?) -> RoutedPost {
        let route = routes.index(for: language)
        return RoutedPost(route: route, post: workers[route].prepare(text))
    }

    /// One enrichment a post, in order.
    package func enrich(_ posts: [(post: Post, tokens: RoutedPost)]) -> [Enrichment] {
        enrich(texts: posts.map { (text: $0.post.text, language: $0.post.language, tokens: $0.tokens) })
    }

    /// One enrichment a text, in order.
    package func enrich(texts: [(text: String, language: String?, tokens: RoutedPost)]) -> [Enrichment] {
        func request(_ index: Int) -> EnrichmentRequest {
            let (text, language, routed) = texts[index]
            return EnrichmentRequest(post: routed.post, text: text, language: language)
        }
        if workers.count == 1 { return workers[0].enrich(texts.indices.map(request)) }
        var results = [Enrichment?](repeating: nil, count: texts.count)
        for (route, worker) in workers.enumerated() {
            let mine = texts.indices.filter { texts[$0].tokens.route == route }
            for (index, enrichment) in zip(mine, worker.enrich(mine.map(request))) { results[index] = enrichment }
        }
        return results.map { result in
            guard let result else { preconditionFailure("a post has a route that no worker has") }
            return result
        }
    }
}
