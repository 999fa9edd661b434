-- What keeps the tables in shape by itself: partitions made ahead, retention, expiry. Each function does one bounded piece of
-- work; winnow run, winnow maintain and winnow.maintain() call them until nothing is left (0018).

-- Deliveries and claims begin with a row of this table: those that run are waited for, others wait until this migration is
-- committed, and no two of them wait for each other crosswise.
LOCK TABLE winnow.partition_progress IN EXCLUSIVE MODE;

-- Tombstones are told apart by age, so that they can outlive the longest replay and no more. Null: from before this migration.
ALTER TABLE winnow.post_keys ADD COLUMN deleted_at timestamptz;
COMMENT ON COLUMN winnow.post_keys.deleted_at IS
    'When the tombstone was written or renewed last; null for a living post, and for tombstones older than migration 0014.';
-- Reads post_keys once and keeps writers waiting meanwhile: about a second for each two million keys.
CREATE INDEX post_keys_deleted ON winnow.post_keys (deleted_at) WHERE state = 'deleted';

-- Null for any other name: a planner may ask about every table there is.
CREATE FUNCTION winnow.week_of(partition text) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN partition ~ '_w[0-9]{8}$'
                THEN to_timestamp(right(partition, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' END
$$;
COMMENT ON FUNCTION winnow.week_of IS 'Beginning of the week of a partition, from its name.';

CREATE FUNCTION winnow.make_partitions_ahead_v1(p_weeks integer) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    v_before bigint;
BEGIN
    SELECT count(*) INTO v_before FROM pg_inherits AS i
    WHERE i.inhparent IN ('winnow.posts'::regclass, 'winnow.entities'::regclass, 'winnow.enrichments'::regclass);
    PERFORM winnow.make_partitions(p_weeks);
    RETURN (SELECT count(*) FROM pg_inherits AS i
            WHERE i.inhparent IN ('winnow.posts'::regclass, 'winnow.entities'::regclass, 'winnow.enrichments'::regclass))
           - v_before;
END
$function$;
COMMENT ON FUNCTION winnow.make_partitions_ahead_v1 IS
    'Makes the partitions of this week and of so many after it; answers with how many tables were missing.';

-- Whole weeks go, but not at once: a week's keys are millions, and a delivery waits for none of them longer than for one
-- piece. A post goes with its key, so that an edit that comes in the middle finds either both or neither.
CREATE FUNCTION winnow.expire_posts_v1(p_cutoff timestamptz, p_most integer) RETURNS bigint
LANGUAGE plpgsql SET lock_timeout = '1s' AS $function$
DECLARE
    v_week      text;
    v_name      text;
    v_ids       bigint[];
    v_platforms text[];
    v_keys      text[];
    v_found     boolean;
BEGIN
    SELECT right(c.relname, 8), c.relname INTO v_week, v_name
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('winnow.posts'::regclass, 'winnow.entities'::regclass, 'winnow.enrichments'::regclass)
        AND winnow.partition_end(winnow.week_of(c.relname)) <= p_cutoff
    ORDER BY 1, c.relname !~ '^posts_' LIMIT 1;
    IF v_week IS NULL THEN RETURN 0; END IF;
    IF v_name ~ '^posts_' THEN
        EXECUTE format('SELECT array_agg(p.post_id), array_agg(p.platform), array_agg(p.key) FROM (
                            SELECT post_id, platform, key FROM winnow.%I ORDER BY post_id LIMIT $1) AS p', v_name)
            INTO v_ids, v_platforms, v_keys USING p_most;
        IF v_ids IS NOT NULL THEN
            PERFORM FROM (
                SELECT k.post_id FROM unnest(v_platforms, v_keys, v_ids) AS c(platform, key, id)
                JOIN winnow.post_keys AS k ON k.platform = c.platform AND k.key = c.key AND k.post_id = c.id
                ORDER BY k.platform, k.key FOR UPDATE OF k) AS locked;
            DELETE FROM winnow.post_keys AS k USING unnest(v_platforms, v_keys, v_ids) AS c(platform, key, id)
                WHERE k.platform = c.platform AND k.key = c.key AND k.post_id = c.id AND k.state = 'live';
            EXECUTE format('DELETE FROM winnow.%I WHERE post_id = ANY ($1)', v_name) USING v_ids;
            IF to_regclass('winnow.entities_w' || v_week) IS NOT NULL THEN
                EXECUTE format('DELETE FROM winnow.%I WHERE post_id = ANY ($1)', 'entities_w' || v_week) USING v_ids;
            END IF;
            IF to_regclass('winnow.enrichments_w' || v_week) IS NOT NULL THEN
                EXECUTE format('DELETE FROM winnow.%I WHERE post_id = ANY ($1)', 'enrichments_w' || v_week) USING v_ids;
            END IF;
            RETURN cardinality(v_ids);
        END IF;
        -- A late post may have come meanwhile: the next piece takes it first.
        EXECUTE format('LOCK TABLE winnow.%I IN ACCESS EXCLUSIVE MODE', v_name);
        EXECUTE format('SELECT EXISTS (SELECT FROM winnow.%I)', v_name) INTO v_found;
        IF v_found THEN RETURN 1; END IF;
    END IF;
    EXECUTE format('DROP TABLE winnow.%I', v_name);
    RETURN 1;
END
$function$;
COMMENT ON FUNCTION winnow.expire_posts_v1 IS
    'Retention: takes so many posts, with all that belongs to them, from the oldest partition that ends at or before the '
    'cutoff, or drops it when it is empty. 0: nothing is left.';

CREATE FUNCTION winnow.expire_dead_letters_v1(p_cutoff timestamptz, p_most integer) RETURNS bigint
LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM winnow.dead_letters AS d WHERE d.dead_letter_id IN (
            SELECT e.dead_letter_id FROM winnow.dead_letters AS e WHERE e.written_at < p_cutoff
            ORDER BY e.dead_letter_id LIMIT p_most FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION winnow.expire_dead_letters_v1 IS
    'Forgets dead letters written before the cutoff, at most so many; they stay counted.';

CREATE FUNCTION winnow.expire_tombstones_v1(p_cutoff timestamptz, p_most integer) RETURNS bigint
LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM winnow.post_keys AS k USING (
            SELECT t.platform, t.key FROM winnow.post_keys AS t
            WHERE t.state = 'deleted' AND (t.deleted_at < p_cutoff OR t.deleted_at IS NULL AND EXISTS (
                SELECT FROM winnow.schema_migrations AS m WHERE m.number = 14 AND m.applied_at < p_cutoff))
            LIMIT p_most FOR UPDATE SKIP LOCKED) AS e
        WHERE k.platform = e.platform AND k.key = e.key
        RETURNING 1)
    SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION winnow.expire_tombstones_v1 IS
    'Forgets tombstones written before the cutoff, at most so many. A replay from before the cutoff can bring such posts back.';
