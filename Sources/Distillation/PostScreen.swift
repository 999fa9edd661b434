// Which posts are not asked about at all: nothing is paid for them, and personal data go to no teacher.

package struct PostScreen: Sendable {
    /// A post of a platform has at most some thousand signs; longer texts are another task.
    package static let longestPost = 8_000

    private let evaluation: NearDuplicates

    package init(evaluation: NearDuplicates) { self.evaluation = evaluation }

    /// Nil where the post may be asked about.
    package func rejection(of post: TeacherPost) -> RejectedPost? {
        func rejected(_ reason: FilterReason, _ detail: String) -> RejectedPost {
            RejectedPost(id: post.id, text: post.text, reason: reason, detail: detail, answers: [])
        }
        if post.text.allSatisfy(\.isWhitespace) { return rejected(.emptyPost, "no text") }
        let length = post.text.unicodeScalars.count
        if length > Self.longestPost {
            return rejected(.postTooLong, "\(length) code points, at most \(Self.longestPost)")
        }
        let kinds = PersonalData.kinds(in: post.text)
        if !kinds.isEmpty { return rejected(.personalDataInPost, kinds.map(\.rawValue).joined(separator: ", ")) }
        if evaluation.contains(post.text) {
            return rejected(.nearDuplicate, "the text, or nearly, of an evaluation file")
        }
        return nil
    }
}
