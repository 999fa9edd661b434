-- trending_entities once more, with plans that do not hang on what was known of accounts at the last ANALYZE, and that are made for
-- each span alone; entity_mentions by the same functions.

-- A function of its own is planned with the times of its span: only that week's partition, and the right number of rows.
CREATE FUNCTION winnow.mentions_of_span(span_from timestamptz, span_to timestamptz)
RETURNS TABLE (normalized_name text, type text, mentions bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20000
    SET jit = off SET work_mem = '32MB' SET plan_cache_mode = force_custom_plan AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT e.normalized_name, e.type, count(*)
                 FROM winnow.entities AS e
                 WHERE e.partition_time >= span_from AND e.partition_time < span_to
                 GROUP BY e.normalized_name, e.type;
END
$function$;
COMMENT ON FUNCTION winnow.mentions_of_span IS
    'Mentions of each entity in all posts of a span, hidden ones too, counted from the rows.';

-- IS TRUE keeps the list of accounts a hash table that is made once: as a join it would be planned for the number of accounts that
-- were hidden at the last ANALYZE. A hash table is made only where it is expected to fit into work_mem: room for millions.
CREATE FUNCTION winnow.hidden_posts_of_span(span_from timestamptz, span_to timestamptz)
RETURNS TABLE (post_id bigint, partition_time timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
    SET jit = off SET work_mem = '256MB' SET plan_cache_mode = force_custom_plan AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT p.post_id, p.partition_time
                 FROM winnow.posts AS p
                 WHERE p.partition_time >= span_from AND p.partition_time < span_to
                     AND ((p.platform, p.author) IN (
                         SELECT a.platform, a.account FROM winnow.accounts AS a WHERE a.state <> 'active')) IS TRUE;
END
$function$;
COMMENT ON FUNCTION winnow.hidden_posts_of_span IS 'Posts of a span that are not shown, as their account is hidden or purged.';

CREATE OR REPLACE FUNCTION winnow.compared_mentions(since timestamptz, middle timestamptz, until timestamptz)
RETURNS TABLE (normalized_name text, type text, mentions bigint, mentions_before bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off SET work_mem = '32MB' AS $$
    WITH days AS MATERIALIZED (
        SELECT d.day,
               (least(d.day + interval '24 hours', until) > greatest(d.day, middle) + interval '12 hours')::integer AS now,
               (least(d.day + interval '24 hours', middle) > greatest(d.day, since) + interval '12 hours')::integer AS before
        FROM winnow.rollup_days AS d
        WHERE d.state = 'closed' AND d.day > since - interval '24 hours' AND d.day < until
    ), spans AS MATERIALIZED (
        SELECT s.span_from, s.span_to, sum(s.now)::integer AS now, sum(s.before)::integer AS before
        FROM (SELECT n.span_from, n.span_to, n.factor AS now, 0 AS before FROM winnow.mention_spans(middle, until) AS n
              UNION ALL
              SELECT b.span_from, b.span_to, 0, b.factor FROM winnow.mention_spans(since, middle) AS b) AS s
        GROUP BY 1, 2
    )
    SELECT m.normalized_name, m.type, sum(m.now)::bigint, sum(m.before)::bigint
    FROM (
        SELECT h.normalized_name, h.type, h.mentions * d.now AS now, h.mentions * d.before AS before
        FROM days AS d JOIN winnow.entity_days AS h ON h.day = d.day
        WHERE d.now + d.before > 0
        UNION ALL
        SELECT c.normalized_name, c.type, c.mentions * d.now, c.mentions * d.before
        FROM days AS d JOIN winnow.entity_changes AS c ON c.day = d.day
        WHERE d.now + d.before > 0
        UNION ALL
        SELECT e.normalized_name, e.type, CASE WHEN a.is_counted THEN -d.now ELSE d.now END,
               CASE WHEN a.is_counted THEN -d.before ELSE d.before END
        FROM winnow.accounts_to_count(since, until) AS a
        JOIN winnow.post_keys AS k ON k.account = a.account AND k.platform = a.platform AND k.state = 'live'
        JOIN days AS d ON d.day = winnow.day_of(k.partition_time) AND d.now + d.before > 0
        JOIN winnow.posts AS p ON p.post_id = k.post_id AND p.partition_time = k.partition_time AND p.author = a.account
        JOIN winnow.entities AS e ON e.post_id = k.post_id AND e.partition_time = k.partition_time
        UNION ALL
        SELECT w.normalized_name, w.type, w.mentions * s.now, w.mentions * s.before
        FROM spans AS s
        CROSS JOIN LATERAL winnow.mentions_of_span(s.span_from, s.span_to) AS w
        UNION ALL
        SELECT w.normalized_name, w.type, -w.mentions * s.now, -w.mentions * s.before
        FROM spans AS s
        CROSS JOIN LATERAL (
            SELECT e.normalized_name, e.type, count(*) AS mentions
            FROM winnow.hidden_posts_of_span(s.span_from, s.span_to) AS p
            JOIN winnow.entities AS e ON e.post_id = p.post_id AND e.partition_time = p.partition_time
            GROUP BY 1, 2) AS w
    ) AS m
    GROUP BY 1, 2
    HAVING sum(m.now) > 0 OR sum(m.before) > 0
$$;

CREATE OR REPLACE FUNCTION winnow.entity_mentions(since timestamptz, until timestamptz)
RETURNS TABLE (normalized_name text, type text, mentions bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off AS $$
    SELECT c.normalized_name, c.type, c.mentions FROM winnow.compared_mentions(since, since, until) AS c WHERE c.mentions > 0
$$;

-- Its list of hidden accounts is a hash table too, and beyond 130,000 of them would not have been one any more.
ALTER FUNCTION winnow.sentiment_over_time(interval, timestamptz, timestamptz, text) SET work_mem = '256MB';
