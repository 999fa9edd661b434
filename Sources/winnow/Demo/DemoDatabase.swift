// What the demo asks the database: counts while it runs, tables at the end. Plain SQL, as a reader of the rows would write it.
import PostgresDelivery
import StreamCore

struct DemoDatabase {
    private let session: AdministrationSession

    init(url: String) throws(DatabaseFailure) { session = try AdministrationSession(url: url) }

    /// Records by outcome, all partitions together.
    func outcomes() throws(DatabaseFailure) -> [String: Int] {
        let rows = try session.rows("SELECT outcome, sum(count) FROM winnow.partition_outcomes GROUP BY outcome")
        return Dictionary(rows.compactMap { row in row[0].map { ($0, Int(row[1] ?? "") ?? 0) } }) { first, _ in first }
    }

    /// Partitions, and of these the ones whose counts add up to the offsets they moved.
    func balance() throws(DatabaseFailure) -> (partitions: Int, balanced: Int) {
        let rows = try session.rows(
            """
            SELECT count(*), count(*) FILTER (WHERE moved = counted)
            FROM (SELECT p.next_offset - p.first_offset AS moved, coalesce(sum(o.count), 0) AS counted
                  FROM winnow.partition_progress AS p
                  LEFT JOIN winnow.partition_outcomes AS o ON o.progress_id = p.progress_id
                  GROUP BY p.progress_id, p.next_offset, p.first_offset) AS sums
            """)
        return (Int(rows.first?[0] ?? "") ?? 0, Int(rows.first?[1] ?? "") ?? 0)
    }

    /// topic, posts, positive, neutral, negative (shares in per cent), text kept by the mask (per cent).
    func sentimentByTopic() throws(DatabaseFailure) -> [[String]] {
        try texts(
            """
            SELECT coalesce(topic, '(unsure)'), count(*),
                   round(100.0 * count(*) FILTER (WHERE sentiment = 'positive') / count(*)) || ' %',
                   round(100.0 * count(*) FILTER (WHERE sentiment = 'neutral') / count(*)) || ' %',
                   round(100.0 * count(*) FILTER (WHERE sentiment = 'negative') / count(*)) || ' %',
                   round(100 * avg(kept_share)) || ' %'
            FROM winnow.posts GROUP BY 1 ORDER BY count(*) DESC, 1
            """)
    }

    /// name, type, mentions, mentions in the newer half of the time, in the older half.
    func trendingEntities(limit: Int) throws(DatabaseFailure) -> [[String]] {
        try texts(
            """
            WITH span AS (SELECT min(partition_time) + (max(partition_time) - min(partition_time)) / 2 AS middle
                          FROM winnow.posts)
            SELECT mode() WITHIN GROUP (ORDER BY name), mode() WITHIN GROUP (ORDER BY type), count(*),
                   count(*) FILTER (WHERE partition_time >= middle), count(*) FILTER (WHERE partition_time < middle)
            FROM winnow.entities, span
            GROUP BY normalized_name, middle HAVING count(*) >= 3
            ORDER BY count(*) FILTER (WHERE partition_time >= middle) - count(*) FILTER (WHERE partition_time < middle) DESC,
                     count(*) DESC, normalized_name
            LIMIT $1::integer
            """, [String(limit)])
    }

    /// text, dropped, entity positions, sentiment, topic, language, entities: posts of which the mask dropped
    /// something, up to two a topic and with different sentiments.
    func maskedPosts(limit: Int) throws(DatabaseFailure) -> [[String]] {
        try texts(
            """
            WITH candidates AS (
                SELECT p.text, p.dropped, p.topic, p.sentiment, p.language, e.spans, e.names,
                       row_number() OVER (PARTITION BY p.topic, p.sentiment
                                          ORDER BY p.language = 'en' DESC, e.names IS NULL,
                                                   abs(p.kept_share - 0.6), p.post_id) AS place
                FROM winnow.posts AS p
                LEFT JOIN LATERAL (
                    SELECT array_agg(v.n ORDER BY e.start, v.o) AS spans,
                           string_agg(e.name || ' (' || e.type || ')', ', ' ORDER BY e.start)
                               FILTER (WHERE v.o = 1) AS names
                    FROM winnow.entities AS e, LATERAL (VALUES (1, e.start), (2, e.length)) AS v(o, n)
                    WHERE e.post_id = p.post_id) AS e ON true
                WHERE cardinality(p.dropped) > 0 AND length(p.text) BETWEEN 40 AND 140)
            SELECT text, dropped::text, coalesce(spans::text, '{}'), coalesce(sentiment, '-'),
                   coalesce(topic, '(unsure)'), coalesce(language, '-'), names
            FROM (SELECT *, row_number() OVER (PARTITION BY topic ORDER BY sentiment = 'neutral', sentiment) AS nth
                  FROM candidates WHERE place = 1) AS chosen
            WHERE nth <= 2 ORDER BY topic, nth LIMIT $1::integer
            """, [String(limit)])
    }

    /// reason and count, without the payloads.
    func deadLetters() throws(DatabaseFailure) -> [[String]] {
        try texts("SELECT reason, count(*) FROM winnow.dead_letters GROUP BY reason ORDER BY count(*) DESC, reason")
    }

    private func texts(_ sql: String, _ parameters: [String] = []) throws(DatabaseFailure) -> [[String]] {
        try session.rows(sql, parameters).map { $0.map { $0 ?? "" } }
    }
}
