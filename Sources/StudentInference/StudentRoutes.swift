// Which of several students reads a post: decided by the post's language alone. Immutable and shared by all workers; finding
// and loading the models is the composition's work.
package import Masking
internal import Posts

package struct StudentRoutes: Sendable {
    /// A student with the mask it runs with.
    package struct Route: Sendable {
        package let student: Student
        package let mask: MaskPolicy
        package init(student: Student, mask: MaskPolicy) {
            self.student = student
            self.mask = mask
        }
    }

    /// Stands for every language that has no route of its own, and for posts whose language nobody knows.
    package static let everyOther = "*"

    /// Each model once.
    package let routes: [Route]
    private let byLanguage: [String: Int]
    private let fallback: Int

    /// One student for all posts.
    package init(_ route: Route) {
        routes = [route]
        byLanguage = [:]
        fallback = 0
    }

    /// `byLanguage` holds indices into `routes` by base subtag in lower case, `fallback` the index for all else.
    package init(routes: [Route], byLanguage: [String: Int], fallback: Int) {
        precondition(routes.indices.contains(fallback) && byLanguage.values.allSatisfy(routes.indices.contains))
        self.routes = routes
        self.byLanguage = byLanguage
        self.fallback = fallback
    }

    /// The route of a post, an index into `routes`. `language` is a BCP 47 tag; what counts is its first subtag: `pt` of
    /// `pt-BR`.
    package func index(for language: String?) -> Int {
        guard !byLanguage.isEmpty, let language else { return fallback }
        return byLanguage[Self.baseSubtag(language)] ?? fallback
    }

    package static func baseSubtag(_ tag: String) -> String {
        String(tag.prefix { $0 != "-" && $0 != "_" }).lowercased()
    }

    /// `english-5+5e3f…, multilingual-1+09ab…`
    package var description: String { routes.map(\.student.version.description).joined(separator: ", ") }
}
