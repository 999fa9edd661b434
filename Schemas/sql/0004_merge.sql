-- What one event does to the tables. Called by winnow.deliver_v1 inside its transaction, never alone.
-- "Newer" is everywhere: (version, scope) greater byte by byte; Schemas/README.md has the whole table of rules.
-- The settings keep plans on the indexes however small the tables were when a plan was made.

CREATE FUNCTION winnow.remove_posts_v1(p_ids bigint[], p_times timestamptz[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
BEGIN
    DELETE FROM winnow.entities AS t USING unnest(p_ids, p_times) AS g(id, moment)
        WHERE t.post_id = g.id AND t.partition_time = g.moment;
    DELETE FROM winnow.enrichments AS t USING unnest(p_ids, p_times) AS g(id, moment)
        WHERE t.post_id = g.id AND t.partition_time = g.moment;
    DELETE FROM winnow.posts AS t USING unnest(p_ids, p_times) AS g(id, moment)
        WHERE t.post_id = g.id AND t.partition_time = g.moment;
END
$function$;

CREATE FUNCTION winnow.purge_account_v1(p_platform text, p_account text, p_version text, p_scope text) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
DECLARE
    v_ids   bigint[];
    v_times timestamptz[];
BEGIN
    PERFORM FROM (
        SELECT k.post_id FROM winnow.post_keys AS k
        WHERE k.account = p_account AND k.platform = p_platform AND k.state = 'live'
        ORDER BY k.platform, k.key FOR UPDATE) AS locked;
    WITH gone AS (
        UPDATE winnow.post_keys AS k
        SET state = 'deleted', version = p_version, version_scope = p_scope
        WHERE k.account = p_account AND k.platform = p_platform AND k.state = 'live'
        RETURNING k.post_id, k.partition_time)
    SELECT array_agg(g.post_id), array_agg(g.partition_time) INTO v_ids, v_times FROM gone AS g;
    PERFORM winnow.remove_posts_v1(v_ids, v_times);
    DELETE FROM winnow.dead_letters AS d
    WHERE left(d.account, 200) = left(p_account, 200) AND d.account = p_account AND d.platform = p_platform;
END
$function$;

-- Answers with the outcome.
CREATE FUNCTION winnow.apply_account_event_v1(
    p_kind text, p_platform text, p_account text, p_version text, p_scope text
) RETURNS text
LANGUAGE plpgsql AS $function$
DECLARE
    v_new_state text := CASE p_kind WHEN 'purge' THEN 'purged' WHEN 'hide' THEN 'hidden' ELSE 'active' END;
    v_made      integer;
    v_row       record;
BEGIN
    INSERT INTO winnow.accounts (platform, account, state, version, version_scope)
    VALUES (p_platform, p_account, v_new_state, p_version, p_scope)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_made = ROW_COUNT;
    IF v_made = 0 THEN
        SELECT a.state,
               (p_version COLLATE "C", p_scope COLLATE "C") > (a.version, a.version_scope) AS is_newer
        INTO STRICT v_row FROM winnow.accounts AS a
        WHERE a.platform = p_platform AND a.account = p_account FOR UPDATE;
        IF NOT v_row.is_newer THEN
            RETURN 'superseded';
        END IF;
        -- A purge holds until a restore: a suspension after it changes nothing about the posts.
        UPDATE winnow.accounts AS a
        SET state = CASE WHEN p_kind = 'hide' AND a.state = 'purged' THEN 'purged' ELSE v_new_state END,
            version = p_version, version_scope = p_scope, updated_at = now()
        WHERE a.platform = p_platform AND a.account = p_account;
    END IF;
    IF p_kind = 'purge' THEN
        PERFORM winnow.purge_account_v1(p_platform, p_account, p_version, p_scope);
    END IF;
    RETURN CASE p_kind WHEN 'purge' THEN 'deleted' WHEN 'hide' THEN 'hidden' ELSE 'edited' END;
END
$function$;
