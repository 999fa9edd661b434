-- trending_entities again: same answers, less to read. Of a closed day that a window covers in part the smaller part is counted from
-- the rows; where that is what the window leaves out, it is taken off the day's count. Both windows are counted in one pass, so
-- that what ends the one and begins the other is read once. Hidden posts are taken off mention by mention.

CREATE FUNCTION winnow.mention_spans(since timestamptz, until timestamptz)
RETURNS TABLE (span_from timestamptz, span_to timestamptz, factor integer)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH closed AS (
        SELECT d.day, d.day + interval '24 hours' AS day_end, greatest(d.day, since) AS part_from,
               least(d.day + interval '24 hours', until) AS part_to
        FROM winnow.rollup_days AS d
        WHERE d.state = 'closed' AND d.day > since - interval '24 hours' AND d.day < until
    ), rolled AS (
        SELECT c.* FROM closed AS c WHERE c.part_to - c.part_from > interval '12 hours'
    ), gaps AS (
        SELECT lag(r.part_to, 1, since) OVER (ORDER BY r.day) AS gap_from, r.part_from AS gap_to FROM rolled AS r
        UNION ALL
        SELECT coalesce(max(r.part_to), since), until FROM rolled AS r
    )
    SELECT g.gap_from, g.gap_to, 1 FROM gaps AS g WHERE g.gap_from < g.gap_to
    UNION ALL
    SELECT r.day, r.part_from, -1 FROM rolled AS r WHERE r.day < r.part_from
    UNION ALL
    SELECT r.part_to, r.day_end, -1 FROM rolled AS r WHERE r.part_to < r.day_end
$$;
COMMENT ON FUNCTION winnow.mention_spans IS
    'What of a window is counted from the rows: factor 1, and what is taken off the closed days that it covers mostly: factor -1.';

CREATE FUNCTION winnow.compared_mentions(since timestamptz, middle timestamptz, until timestamptz)
RETURNS TABLE (normalized_name text, type text, mentions bigint, mentions_before bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off SET work_mem = '32MB' AS $$
    WITH days AS MATERIALIZED (
        SELECT d.day,
               (least(d.day + interval '24 hours', until) - greatest(d.day, middle) > interval '12 hours')::integer AS now,
               (least(d.day + interval '24 hours', middle) - greatest(d.day, since) > interval '12 hours')::integer AS before
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
        CROSS JOIN LATERAL (
            SELECT e.normalized_name, e.type, count(*) AS mentions
            FROM winnow.entities AS e
            WHERE e.partition_time >= s.span_from AND e.partition_time < s.span_to
            GROUP BY 1, 2) AS w
        UNION ALL
        SELECT w.normalized_name, w.type, -w.mentions * s.now, -w.mentions * s.before
        FROM spans AS s
        CROSS JOIN LATERAL (
            SELECT e.normalized_name, e.type, count(*) AS mentions
            FROM winnow.posts AS p
            JOIN winnow.entities AS e ON e.post_id = p.post_id AND e.partition_time = p.partition_time
            WHERE p.partition_time >= s.span_from AND p.partition_time < s.span_to
                AND (p.platform, p.author) IN (SELECT a.platform, a.account FROM winnow.accounts AS a WHERE a.state <> 'active')
            GROUP BY 1, 2) AS w
    ) AS m
    GROUP BY 1, 2
    HAVING sum(m.now) > 0 OR sum(m.before) > 0
$$;
COMMENT ON FUNCTION winnow.compared_mentions IS
    'Mentions of each entity in visible posts of two windows that follow one another, as entity_mentions of each.';

CREATE OR REPLACE FUNCTION winnow.trending_entities(span interval DEFAULT '1 hour', until timestamptz DEFAULT now())
RETURNS TABLE (normalized_name text, type text, mentions bigint, mentions_before bigint, rise numeric, significance numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET jit = off AS $$
    WITH counted AS (
        SELECT c.* FROM winnow.compared_mentions(until - 2 * span, until - span, until) AS c
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
