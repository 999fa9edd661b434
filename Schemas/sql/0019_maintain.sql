-- The maintenance as a whole: the same steps for winnow run, winnow maintain and cron.

-- Runs with the owner's rights, as only an owner makes and drops partitions: the writer gets this function and no other.
CREATE FUNCTION winnow.maintenance_step_v1(
    p_task text, p_weeks_ahead integer, p_keep_posts interval, p_keep_dead_letters interval, p_keep_tombstones interval,
    p_quiet interval, p_most integer
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    -- One instance at a time; until the end of this transaction, so that a pooler does no harm.
    IF NOT pg_try_advisory_xact_lock(2003659374, -3) THEN RETURN -1; END IF;
    CASE p_task
        WHEN 'partitions' THEN RETURN winnow.make_partitions_ahead_v1(p_weeks_ahead);
        WHEN 'purges' THEN RETURN winnow.continue_purges_v1(p_most);
        WHEN 'expired_posts' THEN
            IF p_keep_posts IS NULL THEN RETURN 0; END IF;
            PERFORM winnow.forget_days_v1(now() - p_keep_posts);
            RETURN winnow.expire_posts_v1(now() - p_keep_posts, p_most);
        WHEN 'expired_dead_letters' THEN
            RETURN winnow.expire_dead_letters_v1(now() - p_keep_dead_letters, p_most);
        WHEN 'expired_tombstones' THEN RETURN winnow.expire_tombstones_v1(now() - p_keep_tombstones, p_most);
        WHEN 'accounts' THEN RETURN winnow.fold_account_v1();
        WHEN 'days' THEN RETURN winnow.close_days_v1(p_quiet);
        WHEN 'changes' THEN RETURN winnow.fold_changes_v1(p_most * 4);
        ELSE RAISE EXCEPTION 'There is no maintenance task %', quote_literal(p_task) USING ERRCODE = '22023';
    END CASE;
END
$function$;
COMMENT ON FUNCTION winnow.maintenance_step_v1 IS
    'One bounded piece of one task: answers with how much was done, 0 when nothing is left, -1 while another instance is at it. '
    'Null keeps for ever.';
REVOKE EXECUTE ON FUNCTION winnow.maintenance_step_v1 FROM PUBLIC;

CREATE FUNCTION winnow.maintenance_tasks() RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['partitions', 'purges', 'expired_posts', 'expired_dead_letters', 'expired_tombstones', 'accounts', 'days',
                 'changes']
$$;
COMMENT ON FUNCTION winnow.maintenance_tasks IS 'The tasks of the maintenance, in the order in which they are done.';

CREATE PROCEDURE winnow.maintain(
    keep_posts interval DEFAULT NULL, keep_dead_letters interval DEFAULT NULL, keep_tombstones interval DEFAULT NULL,
    weeks_ahead integer DEFAULT 4
)
LANGUAGE plpgsql AS $procedure$
DECLARE
    v_task text;
    v_done bigint;
BEGIN
    FOREACH v_task IN ARRAY winnow.maintenance_tasks() LOOP
        LOOP
            v_done := winnow.maintenance_step_v1(
                v_task, weeks_ahead, keep_posts, keep_dead_letters, keep_tombstones, interval '1 minute', 5000);
            COMMIT;
            EXIT WHEN v_done <= 0;
        END LOOP;
    END LOOP;
END
$procedure$;
COMMENT ON PROCEDURE winnow.maintain IS
    'All of the maintenance until nothing is left, piece by piece, for cron: '
    'CALL winnow.maintain(keep_posts => ''90 days''). Null keeps for ever.';
