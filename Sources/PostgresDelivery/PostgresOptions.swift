// What a connection needs to know. Built by the composition from the settings; owns no connection.

/// A text that never shows itself: not in a description, a dump or a log.
struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let text: String
    init(_ text: String) { self.text = text }
    var description: String { "***" }
    var debugDescription: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

package struct PostgresOptions: Sendable {
    /// `postgresql://user@host:port/database?parameter=…`, or libpq's `key=value` form; every libpq parameter works.
    let url: Secret
    /// Wins over a password in the URL.
    let password: Secret?
    /// The consumer group whose progress is moved.
    package var consumerGroup: String
    /// Which of the schema's delivery functions is called: an older one as long as the schema is older.
    package var deliveryFunction = DeliveryFunction.withSeveralDocuments
    /// For reaching the server, sign-in included.
    package var connectTimeout: Duration = .seconds(10)
    /// For one row, table or account that another transaction holds.
    package var lockTimeout: Duration = .seconds(10)
    /// For one statement in the server.
    package var statementTimeout: Duration = .seconds(60)
    /// For a transaction whose client has fallen silent.
    package var idleTimeout: Duration = .seconds(30)
    /// After the statement timeout, what the network may add before the connection is given up.
    package var answerMargin: Duration = .seconds(10)

    package init(url: String, password: String? = nil, consumerGroup: String = "winnow") {
        self.url = Secret(url)
        self.password = password.map(Secret.init)
        self.consumerGroup = consumerGroup
    }

    /// How long the client waits for the answer to one call.
    var answerTimeout: Duration { statementTimeout + answerMargin }
}

extension Duration {
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
