-- Weekly partitions of posts, entities and enrichments: made ahead, made on demand, dropped for retention.

CREATE FUNCTION winnow.partition_time(received timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN received > now() + interval '1 day' THEN now()
                ELSE greatest(received, timestamptz '2006-01-02 00:00:00+00') END
$$;
COMMENT ON FUNCTION winnow.partition_time IS
    'Files a post under its time of receipt; before 2006 as 2006-01-02, more than a day ahead of the server''s clock as now.';

CREATE FUNCTION winnow.partition_start(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN moment < timestamptz '2020-01-06 00:00:00+00' THEN timestamptz '2006-01-02 00:00:00+00'
                ELSE date_trunc('week', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END
$$;
COMMENT ON FUNCTION winnow.partition_start IS 'Start of the partition of a moment: Monday, UTC; everything before 2020-01-06 is one partition.';

CREATE FUNCTION winnow.partition_end(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN moment < timestamptz '2020-01-06 00:00:00+00' THEN timestamptz '2020-01-06 00:00:00+00'
                ELSE (date_trunc('week', moment AT TIME ZONE 'UTC') + interval '7 days') AT TIME ZONE 'UTC' END
$$;

-- ATTACH waits for no reader and no writer of the other partitions, CREATE … PARTITION OF would.
CREATE FUNCTION winnow.make_partition(parent text, moment timestamptz) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    v_start timestamptz := winnow.partition_start(moment);
    v_name  text := parent || '_w' || to_char(v_start AT TIME ZONE 'UTC', 'YYYYMMDD');
    v_query text := 'SELECT FROM pg_inherits WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)';
    v_found integer;
BEGIN
    EXECUTE v_query USING 'winnow.' || parent, 'winnow.' || v_name;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    IF v_found > 0 THEN RETURN; END IF;
    -- One maker at a time; whoever waited here looks again.
    PERFORM pg_advisory_xact_lock(2003659374, -1);
    EXECUTE v_query USING 'winnow.' || parent, 'winnow.' || v_name;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    IF v_found > 0 THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE IF NOT EXISTS winnow.%I (LIKE winnow.%I INCLUDING ALL)', v_name, parent);
    EXECUTE format('ALTER TABLE winnow.%I ATTACH PARTITION winnow.%I FOR VALUES FROM (%L) TO (%L)',
                   parent, v_name, v_start, winnow.partition_end(v_start));
END
$function$;
COMMENT ON FUNCTION winnow.make_partition IS 'Makes the partition of one table for one moment, if it is missing.';

CREATE FUNCTION winnow.ensure_partitions(moments timestamptz[]) RETURNS void
LANGUAGE sql AS $$
    SELECT winnow.make_partition(w.parent, w.start)
    FROM (SELECT DISTINCT parent, winnow.partition_start(winnow.partition_time(m)) AS start
          FROM unnest(moments) AS m, unnest(ARRAY['enrichments', 'entities', 'posts']) AS parent
          ORDER BY 1, 2) AS w
$$;
COMMENT ON FUNCTION winnow.ensure_partitions IS 'Makes the partitions for these times of receipt where they are missing.';

CREATE FUNCTION winnow.ensure_partitions_of_keys(platforms text[], keys text[]) RETURNS void
LANGUAGE sql AS $$
    SELECT winnow.ensure_partitions(array_agg(DISTINCT k.partition_time))
    FROM unnest(platforms, keys) AS e(platform, key)
    JOIN winnow.post_keys AS k ON k.platform = e.platform AND k.key = e.key
$$;
COMMENT ON FUNCTION winnow.ensure_partitions_of_keys IS 'The same for the frozen times of posts that are known already.';

CREATE FUNCTION winnow.make_partitions(weeks_ahead integer) RETURNS void
LANGUAGE sql AS $$
    SELECT winnow.make_partition(parent, now() + interval '7 days' * week)
    FROM unnest(ARRAY['enrichments', 'entities', 'posts']) AS parent, generate_series(0, weeks_ahead) AS week
$$;
COMMENT ON FUNCTION winnow.make_partitions IS 'Makes the partitions of this week and of the given number of weeks after it.';

CREATE FUNCTION winnow.drop_partitions_before(cutoff timestamptz) RETURNS integer
LANGUAGE plpgsql AS $function$
DECLARE
    v_table   record;
    v_dropped integer := 0;
BEGIN
    FOR v_table IN
        SELECT c.relname, p.relname AS parent
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid = i.inhrelid
        JOIN pg_class AS p ON p.oid = i.inhparent
        WHERE p.oid IN ('winnow.posts'::regclass, 'winnow.entities'::regclass, 'winnow.enrichments'::regclass)
            AND winnow.partition_end(to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC') <= cutoff
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
    'Retention: drops every partition that ends at or before the cutoff, with the keys of its posts. Returns the number of tables dropped.';
