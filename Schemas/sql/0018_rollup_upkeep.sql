-- What closes days, folds differences in and forgets expired days: one bounded piece a call, by the maintenance (0019).

CREATE FUNCTION winnow.roll_day_v1(p_day timestamptz) RETURNS void
LANGUAGE sql AS $$
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
            AND NOT EXISTS (SELECT FROM winnow.accounts AS a
                            WHERE a.platform = p.platform AND a.account = p.author AND NOT a.is_counted)
        GROUP BY 1, 3, 4
    ), entities AS (
        INSERT INTO winnow.entity_days (day, mentions, type, normalized_name)
        SELECT p_day, count(*), e.type, e.normalized_name
        FROM winnow.entities AS e
        WHERE e.partition_time >= p_day AND e.partition_time < p_day + interval '24 hours'
            AND NOT EXISTS (SELECT FROM winnow.posts AS p
                            JOIN winnow.accounts AS a
                                ON a.platform = p.platform AND a.account = p.author AND NOT a.is_counted
                            WHERE p.post_id = e.post_id AND p.partition_time = e.partition_time
                                AND p.partition_time >= p_day AND p.partition_time < p_day + interval '24 hours')
        GROUP BY 3, 4
    )
    UPDATE winnow.rollup_days AS d SET state = 'closed', barrier = NULL, checked_at = now() WHERE d.day = p_day
$$;
COMMENT ON FUNCTION winnow.roll_day_v1 IS 'Counts a closing day and closes it. Only where its barrier is passed.';

CREATE FUNCTION winnow.writing_transactions() RETURNS text[]
LANGUAGE sql STABLE AS $$
    -- A writer holds this lock from before its trigger looks at rollup_days until its end.
    SELECT coalesce(array_agg(DISTINCT l.virtualtransaction), '{}') FROM pg_locks AS l
    WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.granted
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND l.relation IN ('winnow.posts'::regclass, 'winnow.entities'::regclass)
$$;
COMMENT ON FUNCTION winnow.writing_transactions IS 'Who is writing to posts or entities at this moment.';

CREATE FUNCTION winnow.close_days_v1(p_quiet interval) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    v_day  winnow.rollup_days;
    v_seen bigint;
BEGIN
    INSERT INTO winnow.rollup_days (day, checked_at)
    SELECT c.day, now() - p_quiet
    FROM (SELECT generate_series(winnow.partition_start(w.start), winnow.partition_end(w.start) - interval '24 hours',
                                 interval '24 hours') AS day
          FROM (SELECT winnow.week_of(t.relname) AS start
                FROM pg_inherits AS i JOIN pg_class AS t ON t.oid = i.inhrelid
                WHERE i.inhparent = 'winnow.posts'::regclass) AS w
          WHERE w.start >= timestamptz '2020-01-06 00:00:00+00') AS c
    WHERE c.day < now() - interval '25 hours'
        AND EXISTS (SELECT FROM winnow.posts AS p
                    WHERE p.partition_time >= c.day AND p.partition_time < c.day + interval '24 hours')
        AND NOT EXISTS (SELECT FROM winnow.rollup_days AS d WHERE d.day = c.day)
    ORDER BY c.day
    ON CONFLICT DO NOTHING;

    SELECT d.* INTO v_day FROM winnow.rollup_days AS d
    WHERE d.state = 'closing' AND (d.barrier IS NULL OR NOT d.barrier && winnow.writing_transactions())
    ORDER BY d.day DESC LIMIT 1;
    IF FOUND AND v_day.barrier IS NULL THEN
        -- A later transaction than the one that wrote closing: whoever does not know of it is writing now, or has ended.
        UPDATE winnow.rollup_days AS d SET barrier = winnow.writing_transactions()
        WHERE d.state = 'closing' AND d.barrier IS NULL;
        RETURN 1;
    ELSIF FOUND THEN
        PERFORM winnow.roll_day_v1(v_day.day);
        RETURN 1;
    END IF;

    SELECT d.* INTO v_day FROM winnow.rollup_days AS d
    WHERE d.state = 'open' AND d.checked_at <= now() - p_quiet
    ORDER BY d.day DESC LIMIT 1;
    IF NOT FOUND THEN RETURN 0; END IF;
    SELECT count(*) INTO v_seen FROM winnow.posts AS p
    WHERE p.partition_time >= v_day.day AND p.partition_time < v_day.day + interval '24 hours';
    UPDATE winnow.rollup_days AS d
    SET state = CASE WHEN v_seen = d.posts_seen THEN 'closing' ELSE 'open' END, posts_seen = v_seen, checked_at = now()
    WHERE d.day = v_day.day;
    RETURN 1;
END
$function$;
COMMENT ON FUNCTION winnow.close_days_v1 IS
    'The next step of closing days that ended an hour ago or more and had no new post for the given time; 0: nothing to do now.';

CREATE FUNCTION winnow.fold_changes_v1(p_most integer) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    v_folded bigint;
    v_more   bigint;
    v_days   timestamptz[];
    v_types  text[];
    v_names  text[];
BEGIN
    -- Differences of a closing day stay: the day's count takes them in. Those of a forgotten day count nowhere.
    WITH gone AS (
        DELETE FROM winnow.sentiment_changes AS c WHERE c.ctid = ANY (ARRAY(
            SELECT s.ctid FROM winnow.sentiment_changes AS s
            LEFT JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(s.hour)
            WHERE d.state IS DISTINCT FROM 'closing' LIMIT p_most))
        RETURNING c.*
    ), merged AS (
        INSERT INTO winnow.sentiment_hours AS h (hour, posts, topic, sentiment)
        SELECT g.hour, sum(g.posts), g.topic, g.sentiment FROM gone AS g
        JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(g.hour) AND d.state = 'closed'
        GROUP BY 1, 3, 4 HAVING sum(g.posts) <> 0
        ON CONFLICT (hour, topic, sentiment) DO UPDATE SET posts = h.posts + excluded.posts
    )
    SELECT count(*) INTO v_folded FROM gone;
    IF v_folded > 0 THEN
        DELETE FROM winnow.sentiment_hours AS h WHERE h.posts = 0;
    END IF;

    WITH gone AS (
        DELETE FROM winnow.entity_changes AS c WHERE c.ctid = ANY (ARRAY(
            SELECT s.ctid FROM winnow.entity_changes AS s LEFT JOIN winnow.rollup_days AS d ON d.day = s.day
            WHERE d.state IS DISTINCT FROM 'closing' LIMIT p_most))
        RETURNING c.*
    ), merged AS (
        INSERT INTO winnow.entity_days AS h (day, mentions, type, normalized_name)
        SELECT g.day, sum(g.mentions), g.type, g.normalized_name FROM gone AS g
        JOIN winnow.rollup_days AS d ON d.day = g.day AND d.state = 'closed'
        GROUP BY 1, 3, 4 HAVING sum(g.mentions) <> 0
        ON CONFLICT (day, normalized_name, type) DO UPDATE SET mentions = h.mentions + excluded.mentions
        RETURNING h.day, h.mentions, h.type, h.normalized_name
    )
    SELECT (SELECT count(*) FROM gone), array_agg(m.day) FILTER (WHERE m.mentions = 0),
           array_agg(m.type) FILTER (WHERE m.mentions = 0), array_agg(m.normalized_name) FILTER (WHERE m.mentions = 0)
    INTO v_more, v_days, v_types, v_names FROM merged AS m;
    -- What no visible post names any more is forgotten.
    DELETE FROM winnow.entity_days AS h USING unnest(v_days, v_types, v_names) AS z(day, type, name)
    WHERE h.day = z.day AND h.normalized_name = z.name AND h.type = z.type AND h.mentions = 0;
    RETURN v_folded + v_more;
END
$function$;
COMMENT ON FUNCTION winnow.fold_changes_v1 IS
    'Folds so many differences of each kind into the counts of closed days; 0: there are none.';

CREATE FUNCTION winnow.fold_account_v1() RETURNS bigint
LANGUAGE plpgsql SET lock_timeout = '1s' AS $function$
DECLARE
    v_account winnow.accounts;
    v_sign    integer;
BEGIN
    SELECT a.* INTO v_account FROM winnow.accounts AS a
    WHERE a.is_counted <> (a.state = 'active')
        AND NOT EXISTS (SELECT FROM winnow.pending_purges AS g WHERE g.platform = a.platform AND g.account = a.account)
    LIMIT 1;
    IF NOT FOUND THEN RETURN 0; END IF;
    PERFORM pg_advisory_xact_lock(2003659375, winnow.counting_lock(v_account.platform, v_account.account));
    v_sign := CASE WHEN v_account.is_counted THEN -1 ELSE 1 END;
    IF EXISTS (SELECT FROM winnow.rollup_days AS d WHERE d.state <> 'open') THEN
        INSERT INTO winnow.sentiment_changes (hour, posts, topic, sentiment)
        SELECT winnow.hour_of(p.partition_time), v_sign * count(*), coalesce(p.topic, '(none)'), coalesce(p.sentiment, '')
        FROM winnow.post_keys AS k
        JOIN winnow.posts AS p
            ON p.post_id = k.post_id AND p.partition_time = k.partition_time AND p.author = v_account.account
        JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(k.partition_time) AND d.state <> 'open'
        WHERE k.platform = v_account.platform AND k.account = v_account.account AND k.state = 'live'
        GROUP BY 1, 3, 4;
        INSERT INTO winnow.entity_changes (day, mentions, type, normalized_name)
        SELECT d.day, v_sign * count(*), e.type, e.normalized_name
        FROM winnow.post_keys AS k
        JOIN winnow.posts AS p
            ON p.post_id = k.post_id AND p.partition_time = k.partition_time AND p.author = v_account.account
        JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(k.partition_time) AND d.state <> 'open'
        JOIN winnow.entities AS e ON e.post_id = k.post_id AND e.partition_time = k.partition_time
        WHERE k.platform = v_account.platform AND k.account = v_account.account AND k.state = 'live'
        GROUP BY 1, 3, 4;
    END IF;
    UPDATE winnow.accounts AS a SET is_counted = NOT v_account.is_counted
    WHERE a.platform = v_account.platform AND a.account = v_account.account;
    RETURN 1;
END
$function$;
COMMENT ON FUNCTION winnow.fold_account_v1 IS
    'Takes the posts of one hidden or purged account out of the counts of closed days, or a restored one''s in; 0: none is left.';

CREATE FUNCTION winnow.forget_days_v1(p_cutoff timestamptz) RETURNS void
LANGUAGE sql AS $$
    DELETE FROM winnow.rollup_days AS d WHERE d.day < winnow.partition_start(p_cutoff);
    DELETE FROM winnow.sentiment_hours AS h WHERE h.hour < winnow.partition_start(p_cutoff);
    DELETE FROM winnow.entity_days AS h WHERE h.day < winnow.partition_start(p_cutoff);
$$;
COMMENT ON FUNCTION winnow.forget_days_v1 IS 'Forgets the counts of the weeks that retention takes with the same cutoff.';

-- As in 0002, and the counts go too.
CREATE OR REPLACE FUNCTION winnow.drop_partitions_before(cutoff timestamptz) RETURNS integer
LANGUAGE plpgsql AS $function$
DECLARE
    v_table   record;
    v_dropped integer := 0;
BEGIN
    PERFORM winnow.forget_days_v1(cutoff);
    FOR v_table IN
        SELECT c.relname, p.relname AS parent
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid = i.inhrelid
        JOIN pg_class AS p ON p.oid = i.inhparent
        WHERE p.oid IN ('winnow.posts'::regclass, 'winnow.entities'::regclass, 'winnow.enrichments'::regclass)
            AND winnow.partition_end(winnow.week_of(c.relname)) <= cutoff
        ORDER BY p.relname, c.relname
    LOOP
        EXECUTE format('DROP TABLE winnow.%I', v_table.relname);
        v_dropped := v_dropped + 1;
    END LOOP;
    -- The keys of what is gone: tombstones stay, they outlive every replay.
    DELETE FROM winnow.post_keys
    WHERE state = 'live' AND partition_time < winnow.partition_start(cutoff);
    RETURN v_dropped;
END
$function$;
COMMENT ON FUNCTION winnow.drop_partitions_before IS
    'Retention in one go, with the stream stopped: drops every partition that ends at or before the cutoff, with the keys of its '
    'posts. Returns the number of tables dropped. The maintenance does the same in pieces, beside the stream.';
