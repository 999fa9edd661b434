-- The operator's way to move a group.
CREATE FUNCTION winnow.set_offsets_v1(p_group text, p_topic text[], p_partition integer[], p_offset bigint[])
RETURNS integer
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
    v_row   record;
    v_moved integer := 0;
BEGIN
    FOR v_row IN
        SELECT p.progress_id, p.next_offset, w.new_offset
        FROM unnest(p_topic, p_partition, p_offset) AS w(topic, partition, new_offset)
        JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = w.topic AND p.partition = w.partition
        ORDER BY p.topic, p.partition
        FOR UPDATE OF p
    LOOP
        IF v_row.new_offset < v_row.next_offset THEN
            DELETE FROM winnow.partition_outcomes AS o WHERE o.progress_id = v_row.progress_id;
        ELSIF v_row.new_offset > v_row.next_offset THEN
            INSERT INTO winnow.partition_outcomes AS o (progress_id, outcome, reason, count)
            VALUES (v_row.progress_id, 'skipped', 'offsets_set', v_row.new_offset - v_row.next_offset)
            ON CONFLICT (progress_id, outcome, reason) DO UPDATE SET count = o.count + excluded.count;
        END IF;
        UPDATE winnow.partition_progress AS p
        SET first_offset = CASE WHEN v_row.new_offset < p.next_offset THEN v_row.new_offset ELSE p.first_offset END,
            next_offset = v_row.new_offset, claim_token = NULL, claim_offset = NULL, released = true, crash_count = 0,
            suspect_offset = NULL, suspect_attempts = 0, cluster_id = NULL, updated_at = now()
        WHERE p.progress_id = v_row.progress_id;
        v_moved := v_moved + 1;
    END LOOP;
    RETURN v_moved;
END
$function$;
COMMENT ON FUNCTION winnow.set_offsets_v1 IS
    'Moves partitions and fences their owners. Forward: the rest counts as skipped(offsets_set). Backward: the counts begin anew.';
