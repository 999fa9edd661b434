// Every key that can be set, in the order in which the sample shows them. The one list that the loader, the sample, the
// JSON schema, the environment rule and `winnow check` read. A key that is not here is refused.
internal import Posts
internal import StreamCore

package enum SettingsTable {
    package static let keys: [SettingsKey] = kafka + registry + postgres + maintenance + model + feed + limits + service

    /// What a section is about, for the sample.
    static let sections: [String: String] = [
        "kafka": "Where posts come from.",
        "schema_registry": "Where the schemas of Avro and Protobuf values are, for kafka.value_encoding: schema_registry.",
        "postgres": "Where results go.",
        "maintenance": "How the tables are kept in shape, and how long what is in them is kept.",
        "model": "Which student reads the posts, and what its mask drops.",
        "mastodon": "What a Mastodon stream does not say of itself.",
        "generic": "Where the fields of a post lie in a JSON object, for format: generic. Each is a dotted path or a\n"
            + "list of them; the first that leads to a value is taken. An empty list: the feed has no such field.",
        "limits": "Every bound of the stream. Memory is bounded by these, whatever the database or the model does.",
        "operations": "For monitoring.",
        "log": "What is told on standard error. Post text and secrets never are.",
        "stop": "What SIGTERM does.",
    ]

    private static let kafka: [SettingsKey] = [
        .list("kafka.brokers", \.kafka.brokers, "HOST:PORT of some brokers of the cluster, with commas or as a list."),
        .list("kafka.topics", \.kafka.topics, "Names of topics, or patterns that begin with ^."),
        .text("kafka.group", \.kafka.group, "The consumer group; instances of one group share the partitions."),
        .optionalText(
            "kafka.instance_id", \.kafka.instanceIdentifier,
            "Static membership: a name that only this instance has in the group. Empty: a dynamic member."),
        .choice(
            "kafka.start", \.kafka.start, [.earliest, .latest, .committed],
            "Where to begin in partitions that the database has never seen."),
        .duration(
            "kafka.session_timeout", \.kafka.sessionTimeout, .seconds(6) ... .seconds(1_800),
            "After this long without a sign of life the group gives our partitions to others."),
        .choice(
            "kafka.value_encoding", \.kafka.valueEncoding, KafkaSettings.ValueEncoding.allCases,
            "How values are written: as JSON, or in the wire format of a schema registry (Avro, Protobuf or JSON)."),
        properties,
    ]

    private static let postgres: [SettingsKey] = [
        SettingsKey(
            "postgres.url", "libpq's connection string. A password is better kept in password_file.", .text,
            isSecret: true
        ) { settings, input throws(SettingRefusal) in
            let address = PostgresAddress(try SettingsKey.single(input, "a text"))
            if let fault = address.fault { throw SettingRefusal(reason: fault) }
            settings.postgres.url = address
        } show: {
            .text($0.postgres.url.description)
        },
        .optionalText(
            "postgres.password_file", \.postgres.passwordFile,
            "A file whose first line is the password. Empty: as libpq finds it (PGPASSFILE and so on)."),
        .integer(
            "postgres.delivery_connections", \.postgres.deliveryConnections, 1...16,
            "Connections that write; one more is used for claims."),
        .duration(
            "postgres.connect_timeout", \.postgres.connectTimeout, .seconds(1) ... .seconds(300),
            "How long one try to connect may take."),
        .duration(
            "postgres.lock_timeout", \.postgres.lockTimeout, .milliseconds(100) ... .seconds(600),
            "How long a batch waits for rows that another instance holds; then it is tried again."),
        .duration(
            "postgres.statement_timeout", \.postgres.statementTimeout, .seconds(1) ... .seconds(3_600),
            "How long one statement may run; then the batch is tried again."),
        .duration(
            "postgres.idle_timeout", \.postgres.idleTimeout, .seconds(1) ... .seconds(600),
            "When the server ends a transaction of an instance that stopped in the middle."),
    ]

    private static let model: [SettingsKey] = [
        modelPath,
        modelRoutes,
        .choice(
            "model.mask", \.model.mask, ModelSettings.Mask.allCases,
            "What is taken out of a post before the student reads it."),
        .optionalNumber(
            "model.threshold", \.model.threshold, 0...1,
            "For mask learned: tokens below this keep-probability are dropped. Empty: the model's own."),
        .number(
            "model.random_share", \.model.randomShare, 0...1,
            "For mask random: the share of the words that is dropped."),
        .optionalInteger("model.workers", \.model.workers, 1...256, "Threads that run the student. Empty: one a core."),
    ]

    private static let feed: [SettingsKey] = [
        .choice("format", \.format, PostFormat.streamFormats, "The feed's format; auto tells record by record."),
        mastodonInstance,
        .text(
            "generic.platform", \.generic.platform,
            "The platform that all posts of the feed are filed under. Changing it makes all posts new ones."),
        .list("generic.id", \.generic.identifier, "The post's identifier, a text or a number."),
        .list("generic.text", \.generic.text, "The post's text."),
        .list(
            "generic.version", \.generic.version,
            "A number or a text that grows with each edit. Empty: Kafka's order decides."),
        .list("generic.author", \.generic.author, "The account's stable identifier."),
        .list(
            "generic.created_at", \.generic.createdAt,
            "ISO 8601, or seconds, milliseconds or microseconds since 1970."),
        .list("generic.language", \.generic.language, "The feed's own language tag."),
        .list(
            "generic.deleted", \.generic.deleted,
            "The post is deleted when this leads to anything but null, false, 0, \"\", \"0\" and \"false\"."),
        .list("generic.reply_to", \.generic.replyTo, "The post that this one answers."),
        .list("generic.reply_root", \.generic.replyRoot, "The post that began the conversation."),
        .list("generic.repost_of", \.generic.repostOf, "The post that this one repeats."),
        .list("generic.quote_of", \.generic.quoteOf, "The post that this one quotes."),
    ]

    private static let service: [SettingsKey] = [
        .text(
            "operations.listen", \.operations.listen,
            "HOST:PORT of /metrics, /livez and /readyz; port 0 takes a free one. Empty: no server."),
        .choice("log.level", \.log.level, LogSettings.Level.allCases, "What is worth telling."),
        .choice(
            "log.format", \.log.format, LogSettings.Format.allCases,
            "text for people, json for machines: an object a line."),
        .duration(
            "stop.deadline", \.stop.deadline, .seconds(1) ... .seconds(600),
            "How long finishing what is in flight may take; then the process ends all the same."),
    ]
}
