-- Claims: who may move a partition's offset, and from where. Each function is one short transaction of its own.

CREATE FUNCTION winnow.claim_v1(
    p_group text, p_cluster text, p_topic text, p_partition integer, p_low bigint, p_high bigint,
    p_start_partitions integer[], p_start_offsets bigint[]
) RETURNS TABLE (
    status text, counter bigint, token text, first_offset bigint, next_offset bigint, crash_count integer,
    suspect_offset bigint, suspect_attempts integer, stored_cluster text
)
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
    v_row     winnow.partition_progress;
    v_cluster text;
    v_crashes integer;
    v_gap     bigint;
BEGIN
    SELECT min(p.cluster_id) INTO v_cluster FROM winnow.partition_progress AS p
    WHERE p.consumer_group = p_group AND p.topic = p_topic AND p.cluster_id <> p_cluster;
    IF v_cluster IS NOT NULL THEN
        RETURN QUERY SELECT 'other_cluster', NULL::bigint, NULL::text, NULL::bigint, NULL::bigint, NULL::integer,
                            NULL::bigint, NULL::integer, v_cluster;
        RETURN;
    END IF;

    SELECT p.* INTO v_row FROM winnow.partition_progress AS p
    WHERE p.consumer_group = p_group AND p.topic = p_topic AND p.partition = p_partition FOR UPDATE;
    IF NOT FOUND THEN
        -- The first claim of a topic stores where each of its partitions starts; a partition that is not among them
        -- came later and starts at its very beginning.
        IF NOT EXISTS (SELECT FROM winnow.partition_progress AS p
                       WHERE p.consumer_group = p_group AND p.topic = p_topic) THEN
            INSERT INTO winnow.partition_progress (consumer_group, cluster_id, topic, partition, first_offset, next_offset)
            SELECT p_group, p_cluster, p_topic, s.partition, s.start_offset, s.start_offset
            FROM unnest(p_start_partitions, p_start_offsets) AS s(partition, start_offset)
            ORDER BY s.partition
            ON CONFLICT DO NOTHING;
        END IF;
        INSERT INTO winnow.partition_progress (consumer_group, cluster_id, topic, partition, first_offset, next_offset)
        VALUES (p_group, p_cluster, p_topic, p_partition, 0, 0)
        ON CONFLICT DO NOTHING;
        SELECT p.* INTO STRICT v_row FROM winnow.partition_progress AS p
        WHERE p.consumer_group = p_group AND p.topic = p_topic AND p.partition = p_partition FOR UPDATE;
        IF v_row.cluster_id <> p_cluster THEN
            RETURN QUERY SELECT 'other_cluster', NULL::bigint, NULL::text, NULL::bigint, NULL::bigint, NULL::integer,
                                NULL::bigint, NULL::integer, v_row.cluster_id;
            RETURN;
        END IF;
    END IF;

    IF v_row.next_offset > p_high THEN
        RETURN QUERY SELECT 'above_high', NULL::bigint, NULL::text, v_row.first_offset, v_row.next_offset, NULL::integer,
                            NULL::bigint, NULL::integer, v_row.cluster_id;
        RETURN;
    END IF;

    v_crashes := CASE WHEN NOT v_row.released AND v_row.next_offset = v_row.claim_offset
                      THEN v_row.crash_count + 1 ELSE 0 END;
    v_gap := greatest(p_low - v_row.next_offset, 0);
    IF v_gap > 0 THEN
        v_crashes := 0;
        INSERT INTO winnow.partition_outcomes AS o (progress_id, outcome, reason, count)
        VALUES (v_row.progress_id, 'gap', '', v_gap)
        ON CONFLICT (progress_id, outcome, reason) DO UPDATE SET count = o.count + excluded.count;
    END IF;
    RETURN QUERY
        UPDATE winnow.partition_progress AS p
        SET cluster_id = p_cluster, claim_counter = p.claim_counter + 1, claim_token = gen_random_uuid(),
            next_offset = p.next_offset + v_gap, claim_offset = p.next_offset + v_gap,
            crash_count = v_crashes, released = false, claimed_at = now(), updated_at = now(),
            suspect_offset = CASE WHEN p.suspect_offset >= p.next_offset + v_gap THEN p.suspect_offset END,
            suspect_attempts = CASE WHEN p.suspect_offset >= p.next_offset + v_gap THEN p.suspect_attempts ELSE 0 END
        WHERE p.progress_id = v_row.progress_id
        RETURNING 'claimed', p.claim_counter, p.claim_token::text, p.first_offset, p.next_offset, p.crash_count,
                  p.suspect_offset, p.suspect_attempts, p.cluster_id;
END
$function$;
COMMENT ON FUNCTION winnow.claim_v1 IS
    'Takes a partition over: a new token fences whoever had it. Status: claimed, other_cluster or above_high.';

CREATE FUNCTION winnow.mark_suspect_v1(p_group text, p_topic text, p_partition integer, p_token text, p_offset bigint)
RETURNS boolean
LANGUAGE sql AS $$
    WITH marked AS (
        UPDATE winnow.partition_progress AS p
        SET suspect_attempts = CASE WHEN p.suspect_offset = p_offset THEN p.suspect_attempts + 1 ELSE 1 END,
            suspect_offset = p_offset, updated_at = now()
        WHERE p.consumer_group = p_group AND p.topic = p_topic AND p.partition = p_partition AND p.claim_token::text = p_token
        RETURNING 1)
    SELECT EXISTS (SELECT FROM marked)
$$;
COMMENT ON FUNCTION winnow.mark_suspect_v1 IS 'Notes that a record is about to be tried alone; false: the claim is another''s.';

CREATE FUNCTION winnow.release_v1(p_group text, p_topic text, p_partition integer, p_token text) RETURNS void
LANGUAGE sql AS $$
    UPDATE winnow.partition_progress AS p SET released = true, suspect_offset = NULL, suspect_attempts = 0, updated_at = now()
    WHERE p.consumer_group = p_group AND p.topic = p_topic AND p.partition = p_partition AND p.claim_token::text = p_token
$$;
COMMENT ON FUNCTION winnow.release_v1 IS 'Lets a partition go in good order: the next owner counts no crash.';

CREATE FUNCTION winnow.resolve_v1(p_group text, p_topic text[], p_partition integer[], p_token text[], p_expected bigint[], p_new bigint[])
RETURNS TABLE (slice integer, standing text)
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
BEGIN
    -- Waits for a backend that still holds the rows: what it decides is what is read below.
    PERFORM FROM (
        SELECT p.progress_id
        FROM unnest(p_topic, p_partition) AS w(topic, partition)
        JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = w.topic AND p.partition = w.partition
        ORDER BY p.topic, p.partition
        FOR UPDATE OF p) AS locked;
    RETURN QUERY
        SELECT w.slice::integer,
               CASE WHEN p.claim_token::text IS DISTINCT FROM w.token THEN 'fenced'
                    WHEN p.next_offset = w.new_offset THEN 'committed'
                    WHEN p.next_offset = w.expected THEN 'not_committed'
                    ELSE 'fenced' END
        FROM unnest(p_topic, p_partition, p_token, p_expected, p_new)
            WITH ORDINALITY AS w(topic, partition, token, expected, new_offset, slice)
        LEFT JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = w.topic AND p.partition = w.partition;
END
$function$;
COMMENT ON FUNCTION winnow.resolve_v1 IS 'After a connection broke around COMMIT: did the delivery take effect?';
