// Living posts for a replay: pages of stored texts, or the stored side of posts that come from Kafka. Reads only.
package import Posts
package import StreamCore

/// Where a living post lies and which version of it was read: what a replay's write is checked against.
package struct StoredPost: Sendable {
    package let identifier: Int64
    package let partitionTime: Timestamp
    package let key: PostKey
    package let version: EventVersion
    package let text: String
    package let language: String?
    /// The live results are of the replay's own model already.
    package let isOfSameModel: Bool

    package func reading(_ text: String, _ language: String?) -> StoredPost {
        StoredPost(
            identifier: identifier, partitionTime: partitionTime, key: key, version: version, text: text,
            language: language, isOfSameModel: isOfSameModel)
    }
}

package final class StoredPostReader {
    private let session: AdministrationSession

    package init(_ options: PostgresOptions) throws(DatabaseFailure) {
        session = try AdministrationSession(options: options, name: "replay reader")
    }

    private static let columns = """
        p.post_id, (extract(epoch FROM p.partition_time) * 1000000)::bigint AS moment, p.platform, p.key, k.version, \
        k.version_scope, p.text, p.language, m.name || '-' || m.version || '+' || m.weights_hash AS model
        """

    /// The next posts of a replay by number: at least one where there is one, at most `limit` and about `bytes` of text.
    package func page(
        of replay: Replay, limit: Int, bytes: Int = 8 << 20
    ) throws(DatabaseFailure) -> [StoredPost] {
        var conditions = replay.selection.conditions
        conditions.add("p.post_id > ?", replay.nextPost)
        conditions.add("p.post_id <= ?", replay.endPost)
        let rows = try session.query(
            """
            SELECT q.* FROM (
                SELECT l.*, row_number() OVER w AS number, sum(octet_length(l.text)) OVER w AS bytes FROM (
                    SELECT \(Self.columns) FROM winnow.posts AS p
                    JOIN winnow.model_versions AS m USING (model_id)
                    JOIN winnow.post_keys AS k ON k.platform = p.platform AND k.key = p.key AND k.state = 'live'
                        AND k.post_id = p.post_id AND k.partition_time = p.partition_time
                    WHERE \(conditions.sql) ORDER BY p.post_id LIMIT \(limit)) AS l
                WINDOW w AS (ORDER BY l.post_id)) AS q
            WHERE q.number = 1 OR q.bytes <= \(bytes) ORDER BY q.post_id
            """, conditions.parameters, activity: "Reading the stored posts")
        return rows.map { Self.post($0, model: replay.model) }
    }

    /// What is stored of these keys; a key that is missing was never seen, nil is a post that is gone.
    package func stored(_ keys: [PostKey], model: String) throws(DatabaseFailure) -> [PostKey: StoredPost?] {
        guard !keys.isEmpty else { return [:] }
        var platforms = BinaryArray(.text)
        var names = BinaryArray(.text)
        for key in Set(keys) {
            platforms.append(key.platform)
            names.append(key.key)
        }
        let rows = try session.query(
            """
            SELECT \(Self.columns), k.platform, k.key
            FROM unnest($1, $2) AS e(platform, key)
            JOIN winnow.post_keys AS k ON k.platform = e.platform AND k.key = e.key
            LEFT JOIN winnow.posts AS p ON k.state = 'live' AND p.post_id = k.post_id AND p.partition_time = k.partition_time
            LEFT JOIN winnow.model_versions AS m ON m.model_id = p.model_id
            """, [platforms.parameter, names.parameter], activity: "Looking the posts up")
        var found: [PostKey: StoredPost?] = [:]
        for row in rows {
            let key = PostKey(platform: row[9] ?? "", key: row[10] ?? "")
            found.updateValue(row[0] == nil ? nil : Self.post(row, model: model), forKey: key)
        }
        return found
    }

    private static func post(_ row: [String?], model: String) -> StoredPost {
        func number(_ column: Int) -> Int64 { row[column].flatMap { Int64($0) } ?? 0 }
        return StoredPost(
            identifier: number(0), partitionTime: Timestamp(microseconds: number(1)),
            key: PostKey(platform: row[2] ?? "", key: row[3] ?? ""),
            version: EventVersion(text: row[4] ?? "", scope: row[5] ?? ""), text: row[6] ?? "", language: row[7],
            isOfSameModel: row[8] == model)
    }
}
