// What X says about accounts, in the compliance streams of both API versions: the account's name, not its posts.

enum XAccountEvents {
    static let platform = "x"

    private static let kinds: [(name: StaticString, kind: AccountChange.Kind)] = [
        ("user_delete", .purge), ("user_undelete", .restore), ("user_suspend", .hide), ("user_unsuspend", .restore),
        ("user_protect", .hide), ("user_unprotect", .restore), ("user_withheld", .hide),
    ]

    /// Whether `container` holds an event of an account that is read here.
    static func fits(_ tape: JSONTape, in container: Int?) -> Bool {
        kinds.contains { tape.kind(tape.member($0.name, of: container)) == .object }
    }

    /// Nil where `container` holds none.
    static func decode(_ tape: JSONTape, in container: Int?, at position: SourcePosition) -> DecodedRecord? {
        for (name, kind) in kinds {
            let event = tape.member(name, of: container)
            guard tape.kind(event) == .object else { continue }
            guard let account = account(tape, event) else {
                return .reject(Rejection(reason: .missingIdentifier, detail: "the account event names no account"))
            }
            let time = tape.time(tape.member("event_at", of: event)) ?? tape.time(tape.member("timestamp_ms", of: event))
            return .event(
                .account(
                    AccountChange(
                        platform: platform, account: account, kind: kind,
                        version: EventVersion(time, scope: "account", otherwise: position))))
        }
        return nil
    }

    /// API v2 has `user.id`; v1.1 `user_id_str`, `user_id`, or `id` alone.
    private static func account(_ tape: JSONTape, _ event: Int?) -> String? {
        tape.digits(tape.member("id", of: tape.member("user", of: event)))
            ?? tape.digits(tape.member("user_id_str", of: event)) ?? tape.digits(tape.member("user_id", of: event))
            ?? tape.digits(tape.member("id_str", of: event)) ?? tape.digits(tape.member("id", of: event))
    }
}
