// Rows that are there before the sink's benchmark begins, made inside the server.
import PostgresDelivery

enum BenchmarkPreload {
    static func run(url: String, rows: Int) throws {
        guard rows > 0 else { return }
        let session = try AdministrationSession(url: url)
        try session.script(
            """
            INSERT INTO winnow.model_versions (name, version, weights_hash, sentiment_labels, topic_labels)
            VALUES ('preload', '1', '000000000000', '{negative,neutral,positive}', '{news}') ON CONFLICT DO NOTHING
            """)
        // In parts, so that no statement runs into its timeout.
        let part = 100_000
        for first in stride(from: 0, to: rows, by: part) {
            try load(session, first: first, count: min(part, rows - first))
        }
        try session.script("ANALYZE winnow.posts; ANALYZE winnow.entities; ANALYZE winnow.post_keys; CHECKPOINT")
    }

    private static func load(_ session: AdministrationSession, first: Int, count: Int) throws {
        try session.script(
            """
            CREATE TEMPORARY TABLE preload AS
            SELECT nextval('winnow.post_ids') AS id, now() AS moment,
                   'did:plc:author' || (random() * 200000)::int AS author,
                   'at://did:plc:author/app.bsky.feed.post/' || substr(md5(n::text), 1, 8) || n AS key,
                   repeat(md5(random()::text) || ' ', 1 + n % 6) AS text, n
            FROM generate_series(\(first), \(first + count - 1)) AS n;
            INSERT INTO winnow.post_keys
                (post_id, partition_time, platform, key, state, version, version_scope, account)
            SELECT id, moment, 'bluesky', key, 'live', '3' || n, 'rev', author FROM preload;
            INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id,
                kept_share, source_topic, platform, key, author, language, sentiment, topic, sentiment_scores,
                topic_scores, dropped, text)
            SELECT id, moment, moment, n, 9, (SELECT min(model_id) FROM winnow.model_versions), 0.8, 'benchmark',
                'bluesky', key, author, 'en', 'neutral', 'news', '{0.1,0.8,0.1}', '{1}', '{}', text FROM preload;
            INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
            SELECT id, moment, 9 * e, 8, 0.9, 'PER', substr(md5((n % 5000 + e)::text), 1, 12),
                substr(md5((n % 5000 + e)::text), 1, 12)
            FROM preload, generate_series(0, 1) AS e;
            DROP TABLE preload
            """)
    }
}
