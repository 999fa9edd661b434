-- The questions again, over the counts of closed days where there are any: same names, same answers, less to read. Without JIT:
-- compiling a plan over many partitions takes longer than these answers.

CREATE FUNCTION winnow.uncounted_spans(since timestamptz, until timestamptz, unit text)
RETURNS TABLE (span_from timestamptz, span_to timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH covered AS (
        SELECT greatest(d.day, CASE WHEN date_trunc(unit, since, 'UTC') < since
                                    THEN date_trunc(unit, since, 'UTC') + ('1 ' || unit)::interval ELSE since END) AS covered_from,
               least(d.day + interval '24 hours', date_trunc(unit, until, 'UTC')) AS covered_to
        FROM winnow.rollup_days AS d
        WHERE d.state = 'closed' AND unit IS NOT NULL
    ), used AS (
        SELECT c.covered_from, c.covered_to FROM covered AS c
        WHERE c.covered_from < c.covered_to
    ), gaps AS (
        SELECT lag(u.covered_to, 1, since) OVER (ORDER BY u.covered_from) AS gap_from, u.covered_from AS gap_to FROM used AS u
        UNION ALL
        SELECT coalesce(max(u.covered_to), since), until FROM used AS u
    )
    SELECT g.gap_from, g.gap_to FROM gaps AS g WHERE g.gap_from < g.gap_to
$$;
COMMENT ON FUNCTION winnow.uncounted_spans IS
    'What of a window has to be counted from the rows: all but the whole hours (or days) of closed days. Unit null: all of it.';

-- Not inlined, and expected to give one row: what follows is looked up account by account, never by reading all keys.
CREATE FUNCTION winnow.accounts_to_count(since timestamptz, until timestamptz)
RETURNS TABLE (platform text, account text, is_counted boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT a.platform, a.account, a.is_counted FROM winnow.accounts AS a
                 WHERE a.is_counted <> (a.state = 'active')
                     AND EXISTS (SELECT FROM winnow.rollup_days AS d
                                 WHERE d.state = 'closed' AND d.day > since - interval '24 hours' AND d.day < until);
END
$function$;
COMMENT ON FUNCTION winnow.accounts_to_count IS
    'Accounts that were hidden, purged or restored so lately that the counts of closed days in the window do not know it yet.';

CREATE FUNCTION winnow.counted_sentiments(since timestamptz, until timestamptz)
RETURNS TABLE (hour timestamptz, topic text, sentiment text, posts bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT h.hour, h.topic, h.sentiment, h.posts
    FROM winnow.sentiment_hours AS h
    WHERE h.hour >= since AND h.hour <= until - interval '1 hour'
    UNION ALL
    SELECT c.hour, c.topic, c.sentiment, c.posts
    FROM winnow.sentiment_changes AS c
    JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(c.hour) AND d.state = 'closed'
    WHERE c.hour >= since AND c.hour <= until - interval '1 hour'
    UNION ALL
    SELECT winnow.hour_of(p.partition_time), coalesce(p.topic, '(none)'), coalesce(p.sentiment, ''),
           CASE WHEN a.is_counted THEN -1 ELSE 1 END
    FROM winnow.accounts_to_count(since, until) AS a
    JOIN winnow.post_keys AS k ON k.account = a.account AND k.platform = a.platform AND k.state = 'live'
    JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(k.partition_time) AND d.state = 'closed'
    JOIN winnow.posts AS p ON p.post_id = k.post_id AND p.partition_time = k.partition_time AND p.author = a.account
    WHERE winnow.hour_of(k.partition_time) >= since AND winnow.hour_of(k.partition_time) <= until - interval '1 hour'
$$;
COMMENT ON FUNCTION winnow.counted_sentiments IS
    'Visible posts in the whole hours of a window that belong to closed days; several rows an hour, some below zero: to be summed.';

CREATE OR REPLACE FUNCTION winnow.sentiment_over_time(
    bucket interval DEFAULT '1 hour', since timestamptz DEFAULT now() - interval '1 day', until timestamptz DEFAULT now(),
    wanted_topic text DEFAULT NULL
) RETURNS TABLE (bucket_start timestamptz, topic text, posts bigint, positive bigint, neutral bigint, negative bigint,
                 undecided bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off AS $$
    WITH rolled AS (
        SELECT extract(epoch FROM bucket)::numeric % 3600 = 0 AS fits
    ), parts AS (
        SELECT c.hour AS moment, c.topic, c.sentiment, c.posts
        FROM rolled AS r CROSS JOIN LATERAL winnow.counted_sentiments(since, until) AS c
        WHERE r.fits
        UNION ALL
        SELECT w.moment, w.topic, w.sentiment, w.posts
        FROM rolled AS r
        CROSS JOIN LATERAL winnow.uncounted_spans(since, until, CASE WHEN r.fits THEN 'hour' END) AS s
        CROSS JOIN LATERAL (
            SELECT date_bin(bucket, p.partition_time, timestamptz '2001-01-01 00:00:00+00') AS moment,
                   coalesce(p.topic, '(none)') AS topic, coalesce(p.sentiment, '') AS sentiment, count(*) AS posts
            FROM winnow.posts AS p
            WHERE p.partition_time >= s.span_from AND p.partition_time < s.span_to
                AND (wanted_topic IS NULL OR p.topic = wanted_topic)
                -- Read once into a hash table, however few posts are expected.
                AND (p.author IS NULL OR (p.platform, p.author) NOT IN (
                    SELECT a.platform, a.account FROM winnow.accounts AS a WHERE a.state <> 'active'))
            GROUP BY 1, 2, 3) AS w
    )
    SELECT date_bin(bucket, w.moment, timestamptz '2001-01-01 00:00:00+00'), w.topic, sum(w.posts)::bigint,
           coalesce(sum(w.posts) FILTER (WHERE w.sentiment = 'positive'), 0)::bigint,
           coalesce(sum(w.posts) FILTER (WHERE w.sentiment = 'neutral'), 0)::bigint,
           coalesce(sum(w.posts) FILTER (WHERE w.sentiment = 'negative'), 0)::bigint,
           coalesce(sum(w.posts) FILTER (WHERE w.sentiment = ''), 0)::bigint
    FROM parts AS w
    WHERE wanted_topic IS NULL OR w.topic = wanted_topic
    GROUP BY 1, 2
    HAVING sum(w.posts) > 0
    ORDER BY 1, 2
$$;

CREATE FUNCTION winnow.entity_mentions(since timestamptz, until timestamptz)
RETURNS TABLE (normalized_name text, type text, mentions bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off AS $$
    SELECT m.normalized_name, m.type, sum(m.mentions)::bigint
    FROM (
        SELECT h.normalized_name, h.type, h.mentions
        FROM winnow.entity_days AS h
        WHERE h.day >= since AND h.day <= until - interval '24 hours'
        UNION ALL
        SELECT c.normalized_name, c.type, c.mentions
        FROM winnow.entity_changes AS c
        JOIN winnow.rollup_days AS d ON d.day = c.day AND d.state = 'closed'
        WHERE c.day >= since AND c.day <= until - interval '24 hours'
        UNION ALL
        SELECT e.normalized_name, e.type, CASE WHEN a.is_counted THEN -1 ELSE 1 END
        FROM winnow.accounts_to_count(since, until) AS a
        JOIN winnow.post_keys AS k ON k.account = a.account AND k.platform = a.platform AND k.state = 'live'
        JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(k.partition_time) AND d.state = 'closed'
            AND d.day >= since AND d.day <= until - interval '24 hours'
        JOIN winnow.posts AS p ON p.post_id = k.post_id AND p.partition_time = k.partition_time AND p.author = a.account
        JOIN winnow.entities AS e ON e.post_id = k.post_id AND e.partition_time = k.partition_time
        UNION ALL
        SELECT w.normalized_name, w.type, w.mentions
        FROM winnow.uncounted_spans(since, until, 'day') AS s
        CROSS JOIN LATERAL (
            SELECT e.normalized_name, e.type, count(*) AS mentions
            FROM winnow.entities AS e
            WHERE e.partition_time >= s.span_from AND e.partition_time < s.span_to
                AND NOT EXISTS (SELECT FROM winnow.accounts AS a
                                JOIN winnow.posts AS p ON p.platform = a.platform AND p.author = a.account
                                WHERE a.state <> 'active' AND p.post_id = e.post_id AND p.partition_time = e.partition_time
                                    AND p.partition_time >= s.span_from AND p.partition_time < s.span_to)
            GROUP BY 1, 2) AS w
    ) AS m
    GROUP BY 1, 2
    HAVING sum(m.mentions) > 0
$$;
COMMENT ON FUNCTION winnow.entity_mentions IS
    'Mentions of each entity in visible posts of a window. Quickest where the window begins and ends at 00:00 UTC.';

CREATE OR REPLACE FUNCTION winnow.trending_entities(span interval DEFAULT '1 hour', until timestamptz DEFAULT now())
RETURNS TABLE (normalized_name text, type text, mentions bigint, mentions_before bigint, rise numeric, significance numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off AS $$
    WITH counted AS (
        SELECT coalesce(n.normalized_name, b.normalized_name) AS normalized_name, coalesce(n.type, b.type) AS type,
               coalesce(n.mentions, 0) AS mentions, coalesce(b.mentions, 0) AS mentions_before
        FROM winnow.entity_mentions(until - span, until) AS n
        FULL JOIN winnow.entity_mentions(until - 2 * span, until - span) AS b
            ON b.normalized_name = n.normalized_name AND b.type = n.type
    ), totals AS (
        SELECT sum(c.mentions)::float8 AS now, sum(c.mentions_before)::float8 AS before FROM counted AS c
    ), expected AS (
        SELECT c.*, t.now * (c.mentions + c.mentions_before) / (t.now + t.before) AS mentions_expected,
               t.before * (c.mentions + c.mentions_before) / (t.now + t.before) AS before_expected
        FROM counted AS c CROSS JOIN totals AS t
        WHERE c.mentions > 0
    )
    SELECT x.normalized_name, x.type, x.mentions, x.mentions_before,
           round((x.mentions + 1)::numeric / (x.mentions_before + 1), 2),
           round((sign(x.mentions - x.mentions_expected) * sqrt(2 * greatest(0,
               x.mentions * ln(x.mentions / x.mentions_expected)
               + CASE WHEN x.mentions_before = 0 THEN 0
                      ELSE x.mentions_before * ln(x.mentions_before / x.before_expected) END)))::numeric, 2)
    FROM expected AS x
    ORDER BY 6 DESC, 3 DESC, 1, 2
$$;

CREATE OR REPLACE VIEW winnow.sentiment_by_topic AS
    SELECT bucket_start AS hour, topic COLLATE "C" AS topic, posts, positive, neutral, negative, undecided
    FROM winnow.sentiment_over_time('1 hour', '-infinity', 'infinity');


CREATE OR REPLACE VIEW winnow.feed_health AS
    SELECT p.consumer_group, p.topic, p.partition, p.first_offset, p.next_offset,
           now() - p.last_received_at AS age_of_last_record, now() - p.updated_at AS since_last_delivery,
           p.released, p.crash_count, p.suspect_offset,
           coalesce(sum(o.count), 0) AS counted,
           coalesce(sum(o.count) FILTER (WHERE o.outcome = 'dead'), 0) AS dead,
           coalesce(sum(o.count) FILTER (WHERE o.outcome = 'gap'), 0) AS gap,
           CASE WHEN p.updated_at > p.claimed_at AND p.next_offset > p.claim_offset
                THEN round(((p.next_offset - p.claim_offset) / extract(epoch FROM p.updated_at - p.claimed_at))::numeric, 1)
                ELSE 0 END AS records_per_second,
           coalesce(jsonb_object_agg(o.outcome || CASE WHEN o.reason = '' THEN '' ELSE '(' || o.reason || ')' END, o.count)
                    FILTER (WHERE o.outcome IS NOT NULL), '{}') AS outcomes,
           coalesce(jsonb_object_agg(o.reason, o.count) FILTER (WHERE o.outcome = 'dead'), '{}') AS dead_by_reason
    FROM winnow.partition_progress AS p
    LEFT JOIN winnow.partition_outcomes AS o USING (progress_id)
    GROUP BY p.progress_id, p.consumer_group, p.topic, p.partition;
COMMENT ON VIEW winnow.feed_health IS
    'One row a Kafka partition: how far, how old its last record is (lag in time), records a second since the last claim, outcomes, '
    'dead letters by reason. Lag in messages: winnow status.';
