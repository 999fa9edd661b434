-- Counting a day once more, with a plan that does not hang on statistics: NOT IN, and IS TRUE, make hash tables of the accounts that are
-- not counted and of their posts. As joins they were planned for the number of such accounts at the last ANALYZE; right after many
-- had been hidden that was none, and every mention was compared with every hidden post: hours instead of seconds.
-- work_mem: a hash table is made only where it is expected to fit.

CREATE OR REPLACE FUNCTION winnow.roll_day_v1(p_day timestamptz) RETURNS void
LANGUAGE sql SET work_mem = '256MB' AS $$
    -- One statement, one snapshot: a difference is either among the rows that are counted here, and goes, or it stays.
    WITH gone_sentiments AS (
        DELETE FROM winnow.sentiment_changes AS c WHERE c.hour >= p_day AND c.hour < p_day + interval '24 hours'
    ), gone_entities AS (
        DELETE FROM winnow.entity_changes AS c WHERE c.day = p_day
    ), sentiments AS (
        INSERT INTO winnow.sentiment_hours (hour, posts, topic, sentiment)
        SELECT winnow.hour_of(p.partition_time), count(*), coalesce(p.topic, '(none)'), coalesce(p.sentiment, '')
        FROM winnow.posts AS p
        WHERE p.partition_time >= p_day AND p.partition_time < p_day + interval '24 hours'
            AND (p.author IS NULL OR (p.platform, p.author) NOT IN (
                SELECT a.platform, a.account FROM winnow.accounts AS a WHERE NOT a.is_counted))
        GROUP BY 1, 3, 4
    ), entities AS (
        INSERT INTO winnow.entity_days (day, mentions, type, normalized_name)
        SELECT p_day, count(*), e.type, e.normalized_name
        FROM winnow.entities AS e
        WHERE e.partition_time >= p_day AND e.partition_time < p_day + interval '24 hours'
            AND e.post_id NOT IN (
                SELECT p.post_id FROM winnow.posts AS p
                WHERE p.partition_time >= p_day AND p.partition_time < p_day + interval '24 hours'
                    AND ((p.platform, p.author) IN (
                        SELECT a.platform, a.account FROM winnow.accounts AS a WHERE NOT a.is_counted)) IS TRUE)
        GROUP BY 3, 4
    )
    UPDATE winnow.rollup_days AS d SET state = 'closed', barrier = NULL, checked_at = now() WHERE d.day = p_day
$$;
