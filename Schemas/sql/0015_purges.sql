-- A purge of any size in bounded pieces. The account is marked at once: from then on nothing of it shows and nothing of it is
-- taken in. The first posts go in the delivery itself, the rest piece by piece afterwards; whatever an event asks about in
-- between goes first, so that the outcome of every record is what it would be had all gone at once.

CREATE TABLE winnow.pending_purges (
    last_post_id  bigint NOT NULL,
    noted_at      timestamptz NOT NULL DEFAULT now(),
    platform      text COLLATE "C" NOT NULL,
    account       text COLLATE "C" NOT NULL,
    version       text COLLATE "C" NOT NULL,
    version_scope text COLLATE "C" NOT NULL,
    PRIMARY KEY (platform, account)
);
COMMENT ON TABLE winnow.pending_purges IS
    'Accounts that are purged already, whose posts are still being taken out, piece by piece.';
COMMENT ON COLUMN winnow.pending_purges.last_post_id IS
    'Living posts of the account up to this number belong to the purge; later ones do not.';
COMMENT ON COLUMN winnow.pending_purges.noted_at IS 'When the purge arrived.';
COMMENT ON COLUMN winnow.pending_purges.platform IS 'Platform of the account.';
COMMENT ON COLUMN winnow.pending_purges.account IS 'The platform''s id of the account.';
COMMENT ON COLUMN winnow.pending_purges.version IS 'Version of the purge: its tombstones take it.';
COMMENT ON COLUMN winnow.pending_purges.version_scope IS 'Versions of one scope are ordered; see Schemas/README.md.';

CREATE FUNCTION winnow.purge_posts_v1(
    p_platform text, p_account text, p_version text, p_scope text, p_last_post_id bigint, p_most integer
) RETURNS bigint
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
DECLARE
    v_keys  text[];
    v_ids   bigint[];
    v_times timestamptz[];
BEGIN
    SELECT array_agg(c.key ORDER BY c.key) INTO v_keys FROM (
        SELECT k.key FROM winnow.post_keys AS k
        WHERE k.account = p_account AND k.platform = p_platform AND k.state = 'live' AND k.post_id <= p_last_post_id
        LIMIT p_most) AS c;
    IF v_keys IS NULL THEN RETURN 0; END IF;
    PERFORM FROM (
        SELECT k.post_id FROM unnest(v_keys) AS c(key)
        JOIN winnow.post_keys AS k ON k.platform = p_platform AND k.key = c.key
        ORDER BY k.platform, k.key FOR UPDATE OF k) AS locked;
    WITH gone AS (
        UPDATE winnow.post_keys AS k
        SET state = 'deleted', version = p_version, version_scope = p_scope, deleted_at = now()
        FROM unnest(v_keys) AS c(key)
        WHERE k.platform = p_platform AND k.key = c.key AND k.account = p_account AND k.state = 'live'
        RETURNING k.post_id, k.partition_time)
    SELECT array_agg(g.post_id), array_agg(g.partition_time) INTO v_ids, v_times FROM gone AS g;
    PERFORM winnow.remove_posts_v1(v_ids, v_times);
    RETURN cardinality(v_keys);
END
$function$;
COMMENT ON FUNCTION winnow.purge_posts_v1 IS
    'Makes tombstones of at most so many living posts of an account, up to a number; answers with how many it found.';

CREATE FUNCTION winnow.finish_purge_v1(p_platform text, p_account text) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    v_purge winnow.pending_purges;
BEGIN
    SELECT g.* INTO v_purge FROM winnow.pending_purges AS g
    WHERE g.platform = p_platform AND g.account = p_account FOR UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM winnow.purge_posts_v1(
        p_platform, p_account, v_purge.version, v_purge.version_scope, v_purge.last_post_id, NULL);
    DELETE FROM winnow.pending_purges AS g WHERE g.platform = p_platform AND g.account = p_account;
END
$function$;
COMMENT ON FUNCTION winnow.finish_purge_v1 IS
    'The rest of a purge at once: before a restore, or before another purge of the same account.';

CREATE FUNCTION winnow.settle_purges_v1(p_wanted integer, p_step integer[], p_platform text[], p_key text[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
DECLARE
    v_row   record;
    v_ids   bigint[] := '{}';
    v_times timestamptz[] := '{}';
BEGIN
    FOR v_row IN
        SELECT k.platform, k.key, k.post_id, k.partition_time, g.version, g.version_scope
        FROM unnest(p_step, p_platform, p_key) AS e(step, platform, key)
        JOIN winnow.post_keys AS k ON k.platform = e.platform AND k.key = e.key
        JOIN winnow.pending_purges AS g
            ON g.platform = k.platform AND g.account = k.account AND k.post_id <= g.last_post_id
        WHERE e.step = p_wanted AND k.state = 'live'
        ORDER BY k.platform, k.key
        FOR UPDATE OF k
    LOOP
        UPDATE winnow.post_keys AS k
        SET state = 'deleted', version = v_row.version, version_scope = v_row.version_scope, deleted_at = now()
        WHERE k.platform = v_row.platform AND k.key = v_row.key;
        v_ids := v_ids || v_row.post_id;
        v_times := v_times || v_row.partition_time;
    END LOOP;
    IF cardinality(v_ids) > 0 THEN
        PERFORM winnow.remove_posts_v1(v_ids, v_times);
    END IF;
END
$function$;
COMMENT ON FUNCTION winnow.settle_purges_v1 IS
    'Of the posts that a step asks about: those of a purge that is not finished become tombstones now.';

-- The delivery that brings a purge takes this many posts with it: well under a second.
CREATE OR REPLACE FUNCTION winnow.purge_account_v1(p_platform text, p_account text, p_version text, p_scope text) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    v_at_once CONSTANT integer := 5000;
    v_last    bigint;
BEGIN
    PERFORM winnow.finish_purge_v1(p_platform, p_account);
    SELECT s.last_value INTO v_last FROM winnow.post_ids AS s;
    IF winnow.purge_posts_v1(p_platform, p_account, p_version, p_scope, v_last, v_at_once) = v_at_once THEN
        INSERT INTO winnow.pending_purges (platform, account, version, version_scope, last_post_id)
        VALUES (p_platform, p_account, p_version, p_scope, v_last);
    END IF;
    DELETE FROM winnow.dead_letters AS d
    WHERE left(d.account, 200) = left(p_account, 200) AND d.account = p_account AND d.platform = p_platform;
END
$function$;

-- As in 0004, and a restore waits for the purge before it: what was purged stays gone.
CREATE OR REPLACE FUNCTION winnow.apply_account_event_v1(
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
        IF p_kind = 'restore' AND v_row.state = 'purged' THEN
            PERFORM winnow.finish_purge_v1(p_platform, p_account);
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

CREATE FUNCTION winnow.continue_purges_v1(p_most integer) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    v_purge winnow.pending_purges;
    v_found bigint;
BEGIN
    SELECT g.* INTO v_purge FROM winnow.pending_purges AS g ORDER BY g.noted_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN 0; END IF;
    v_found := winnow.purge_posts_v1(
        v_purge.platform, v_purge.account, v_purge.version, v_purge.version_scope, v_purge.last_post_id, p_most);
    IF v_found < p_most THEN
        DELETE FROM winnow.pending_purges AS g WHERE g.platform = v_purge.platform AND g.account = v_purge.account;
    END IF;
    RETURN greatest(v_found, 1);
END
$function$;
COMMENT ON FUNCTION winnow.continue_purges_v1 IS 'The next piece of the oldest purge that is not finished; 0: there is none.';
