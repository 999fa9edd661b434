// `winnow status --audit`: does what the database holds add up? One snapshot, so that a running stream does not
// disturb it. Reads every key and post; changes nothing.
package import StreamCore

package enum StatusAudit {
    private struct Question {
        let finding: String
        let sql: String
    }

    /// Each counts what should not be there.
    private static let questions: [Question] = [
        Question(
            finding: "living keys without a row in posts",
            sql: """
                SELECT count(*) FROM winnow.post_keys AS k WHERE k.state = 'live' AND NOT EXISTS (
                    SELECT FROM winnow.posts AS p WHERE p.post_id = k.post_id AND p.partition_time = k.partition_time)
                """),
        Question(
            finding: "posts without a living key",
            sql: """
                SELECT count(*) FROM winnow.posts AS p WHERE NOT EXISTS (
                    SELECT FROM winnow.post_keys AS k WHERE k.platform = p.platform AND k.key = p.key
                        AND k.post_id = p.post_id AND k.partition_time = p.partition_time AND k.state = 'live')
                """),
        Question(
            finding: "entities without their post",
            sql: """
                SELECT count(*) FROM winnow.entities AS e WHERE NOT EXISTS (
                    SELECT FROM winnow.posts AS p WHERE p.post_id = e.post_id AND p.partition_time = e.partition_time)
                """),
        Question(
            finding: "enrichments without their post",
            sql: """
                SELECT count(*) FROM winnow.enrichments AS e WHERE NOT EXISTS (
                    SELECT FROM winnow.posts AS p WHERE p.post_id = e.post_id AND p.partition_time = e.partition_time)
                """),
        Question(
            finding: "living posts from before their account's purge, beyond purges that are under way",
            sql: """
                SELECT count(*) FROM winnow.post_keys AS k JOIN winnow.accounts AS a
                    ON a.platform = k.platform AND a.account = k.account AND a.purge_version IS NOT NULL
                WHERE k.state = 'live'
                    AND coalesce(winnow.is_before_purge(k.version, k.version_scope, a.purge_version, a.purge_version_scope),
                                 a.state = 'purged')
                    AND NOT EXISTS (SELECT FROM winnow.pending_purges AS g WHERE g.platform = k.platform
                                    AND g.account = k.account AND g.last_post_id >= k.post_id)
                """),
        Question(
            finding: "posts of a model that model_versions does not know",
            sql: """
                SELECT count(*) FROM winnow.posts AS p
                WHERE NOT EXISTS (SELECT FROM winnow.model_versions AS m WHERE m.model_id = p.model_id)
                """),
    ]

    /// What does not add up, one sentence each; empty where all is well.
    package static func findings(_ options: PostgresOptions) throws(DatabaseFailure) -> [String] {
        var patient = options
        // Ten million posts take longer than a delivery may.
        patient.statementTimeout = .seconds(3_600)
        let session = try AdministrationSession(options: patient, name: "audit")
        try session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", activity: "The audit")
        var findings = try partitionFindings(session)
        for question in questions {
            let count = try session.query(question.sql, activity: "The audit").first?.first ?? nil
            if let count, count != "0" { findings.append("There are \(count) \(question.finding)") }
        }
        try session.script("COMMIT", activity: "The audit")
        return findings
    }

    /// P1: the counts of each partition add up to the way its offset went, and dead letters were counted.
    private static func partitionFindings(_ session: AdministrationSession) throws(DatabaseFailure) -> [String] {
        let rows = try session.query(
            """
            SELECT p.consumer_group, p.topic, p.partition, p.next_offset - p.first_offset, coalesce(sum(o.count), 0),
                   coalesce(sum(o.count) FILTER (WHERE o.outcome = 'dead'), 0),
                   (SELECT count(DISTINCT d.source_offset) FROM winnow.dead_letters AS d
                    WHERE d.consumer_group = p.consumer_group AND d.source_topic = p.topic
                        AND d.source_partition = p.partition AND d.is_counted
                        AND d.source_offset >= p.first_offset AND d.source_offset < p.next_offset)
            FROM winnow.partition_progress AS p LEFT JOIN winnow.partition_outcomes AS o USING (progress_id)
            GROUP BY p.progress_id, p.consumer_group, p.topic, p.partition, p.next_offset, p.first_offset
            ORDER BY 1, 2, 3
            """, activity: "The audit")
        var findings: [String] = []
        for row in rows {
            let values = row.map { $0 ?? "" }
            let place = "\(values[1])/\(values[2]) of group \(values[0])"
            if values[3] != values[4] {
                findings.append("\(place): \(values[4]) outcomes were counted for \(values[3]) offsets")
            }
            if let counted = Int64(values[5]), let held = Int64(values[6]), held > counted {
                findings.append("\(place): \(held) dead letters are held, but only \(counted) were counted")
            }
        }
        return findings
    }
}
