// Orders the events of one delivery so that the server can apply many at once: events of one step do not depend on one
// another, and steps are applied one after the other. Pure; knows nothing of SQL.
internal import Posts
internal import StreamCore

/// Gives each event, taken in the order (partition, offset), the first step it may be in.
///
/// Events of one post follow one another. Hiding and restoring an account touches the account's row alone, and is read
/// by the upserts of that account: only those wait for it. A purge touches posts that the delivery cannot know, so
/// nothing may pass it in either direction.
struct DeliverySteps {
    private struct Account: Hashable {
        let platform: ExactText
        let name: ExactText

        init(platform: String, name: String) {
            self.platform = ExactText(platform)
            self.name = ExactText(name)
        }
    }

    private var lastStepOfKey: [PostKey: Int32] = [:]
    private var lastStepOfAuthor: [Account: Int32] = [:]
    private var lastStepOfAccount: [Account: Int32] = [:]
    private var firstAllowed: Int32 = 1
    /// How many steps there are so far.
    private(set) var count: Int32 = 0

    init(reserving recordCount: Int) { lastStepOfKey.reserveCapacity(recordCount) }

    /// For an upsert, a delete, or a dead letter as far as its ids could be read.
    mutating func stepOfPostEvent(key: PostKey?, author: String?) -> Int32 {
        var step = firstAllowed
        if let key { step = max(step, (lastStepOfKey[key] ?? 0) + 1) }
        if let author, let platform = key?.platform {
            let account = Account(platform: platform, name: author)
            if let before = lastStepOfAccount[account] { step = max(step, before + 1) }
            lastStepOfAuthor[account] = max(step, lastStepOfAuthor[account] ?? 0)
        }
        if let key { lastStepOfKey[key] = step }
        count = max(count, step)
        return step
    }

    mutating func stepOfAccountEvent(_ change: AccountChange) -> Int32 {
        let account = Account(platform: change.platform, name: change.account)
        let step: Int32
        if change.kind == .purge {
            step = max(count + 1, firstAllowed)
            firstAllowed = step + 1
        } else {
            step = max(
                firstAllowed, (lastStepOfAuthor[account] ?? 0) + 1, (lastStepOfAccount[account] ?? 0) + 1)
        }
        lastStepOfAccount[account] = step
        count = max(count, step)
        return step
    }
}
