// How often each kind of event comes, in parts of a thousand or of whatever the parts add up to.

package struct FeedMix: Sendable {
    /// In the order of `SyntheticEvent.Kind.allCases`.
    let weights: [Int]

    package init(_ share: (SyntheticEvent.Kind) -> Int) {
        weights = SyntheticEvent.Kind.allCases.map(share)
        precondition(weights.contains { $0 > 0 } && weights.allSatisfy { $0 >= 0 }, "a mix needs at least one kind")
    }

    /// Far more posts than a real firehose has, since posts are what there is to see.
    package static let demonstration = FeedMix { kind in
        switch kind {
        case .post: 740
        case .edit: 25
        case .delete: 35
        case .like: 95
        case .repost: 35
        case .follow: 35
        case .profile: 8
        case .identity: 8
        case .accountDeleted: 3
        case .accountSuspended: 4
        case .accountRestored: 4
        case .malformed: 8
        }
    }

    /// About the proportions of the real feed: one event in nine is a post.
    package static let firehose = FeedMix { kind in
        switch kind {
        case .post: 115
        case .edit: 2
        case .delete: 8
        case .like: 690
        case .repost: 100
        case .follow: 60
        case .profile: 12
        case .identity: 6
        case .accountDeleted, .accountSuspended, .accountRestored: 1
        case .malformed: 2
        }
    }

    /// Posts and nothing else.
    package static let postsOnly = FeedMix { $0 == .post ? 1 : 0 }
}
