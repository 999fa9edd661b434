-- Purge, hide and restore of an account keep a version each, so that their order of arrival decides nothing: what an account is
-- follows from the newest of each. A purge is for good for the posts that are older than it, and touches no others.

ALTER TABLE winnow.accounts
    ADD COLUMN purge_version         text COLLATE "C",
    ADD COLUMN purge_version_scope   text COLLATE "C",
    ADD COLUMN hide_version          text COLLATE "C",
    ADD COLUMN hide_version_scope    text COLLATE "C",
    ADD COLUMN restore_version       text COLLATE "C",
    ADD COLUMN restore_version_scope text COLLATE "C";
COMMENT ON COLUMN winnow.accounts.state IS
    'active; hidden: its posts are kept, visible_posts leaves them out; purged: its posts from before the purge are gone, none shows.';
COMMENT ON COLUMN winnow.accounts.version IS 'Version of the newest event of any kind.';
COMMENT ON COLUMN winnow.accounts.purge_version IS 'Version of the newest purge; null: there was none. Stays when the account is restored.';
COMMENT ON COLUMN winnow.accounts.purge_version_scope IS 'Scope of purge_version.';
COMMENT ON COLUMN winnow.accounts.hide_version IS 'Version of the newest hide; null: there was none.';
COMMENT ON COLUMN winnow.accounts.hide_version_scope IS 'Scope of hide_version.';
COMMENT ON COLUMN winnow.accounts.restore_version IS 'Version of the newest restore; null: there was none.';
COMMENT ON COLUMN winnow.accounts.restore_version_scope IS 'Scope of restore_version.';

-- Of what came before only the last event is known.
UPDATE winnow.accounts AS a SET purge_version = a.version, purge_version_scope = a.version_scope WHERE a.state = 'purged';
UPDATE winnow.accounts AS a SET hide_version = a.version, hide_version_scope = a.version_scope WHERE a.state = 'hidden';
UPDATE winnow.accounts AS a SET restore_version = a.version, restore_version_scope = a.version_scope WHERE a.state = 'active';
CREATE INDEX accounts_ever_purged ON winnow.accounts (platform, account) WHERE purge_version IS NOT NULL;

ALTER TABLE winnow.post_keys ADD COLUMN is_purged boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN winnow.post_keys.is_purged IS
    'A tombstone that its account''s purge made: it keeps the post''s own version, and a newer one from after the purge lives.';

CREATE FUNCTION winnow.is_newer(p_version text, p_scope text, p_than text, p_than_scope text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT p_than IS NULL OR (p_version COLLATE "C", p_scope COLLATE "C") > (p_than COLLATE "C", p_than_scope COLLATE "C")
$function$;
COMMENT ON FUNCTION winnow.is_newer IS 'Whether a version is newer than another one, or there is no other; see Schemas/README.md.';

CREATE FUNCTION winnow.version_time(p_version text, p_scope text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $function$
DECLARE
    v_number bigint := 0;
BEGIN
    CASE
        WHEN p_scope IN ('time', 'account') AND p_version ~ '^00[0-9]{18}$' THEN
            RETURN p_version::bigint;
        -- X: 41 bits of milliseconds since its epoch, then 22 others. Ids from before 2010 count as made at the epoch.
        WHEN p_scope = 'id' AND p_version ~ '^0[0-9]{19}$' AND p_version <= '09223372036854775807' COLLATE "C" THEN
            RETURN ((p_version::bigint >> 22) + 1288834974657) * 1000;
        -- atproto: 53 bits of microseconds, 10 of a clock's number, in 13 digits of base 32.
        WHEN p_scope = 'rev' AND p_version ~ '^[2-7a-j][2-7a-z]{12}$' THEN
            FOR i IN 1 .. 13 LOOP
                v_number := v_number * 32 + strpos('234567abcdefghijklmnopqrstuvwxyz', substr(p_version, i, 1)) - 1;
            END LOOP;
            RETURN v_number >> 10;
        ELSE
            RETURN NULL;
    END CASE;
END
$function$;
COMMENT ON FUNCTION winnow.version_time IS 'Microseconds since 1970 that a version tells; null where it tells none, as Kafka''s order.';

CREATE FUNCTION winnow.is_before_purge(p_version text, p_scope text, p_purge text, p_purge_scope text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT CASE WHEN p_scope COLLATE "C" = p_purge_scope COLLATE "C" THEN p_version COLLATE "C" <= p_purge COLLATE "C"
                ELSE winnow.version_time(p_version, p_scope) <= winnow.version_time(p_purge, p_purge_scope) END
$function$;
COMMENT ON FUNCTION winnow.is_before_purge IS
    'Whether a post of that version is not newer than a purge of its account; null where the two cannot be compared.';

-- As in 0015, but a tombstone keeps the post's version, and what is newer than the purge stays.
CREATE OR REPLACE FUNCTION winnow.purge_posts_v1(
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
            AND winnow.is_before_purge(k.version, k.version_scope, p_version, p_scope) IS NOT FALSE
        LIMIT p_most) AS c;
    IF v_keys IS NULL THEN RETURN 0; END IF;
    PERFORM FROM (
        SELECT k.post_id FROM unnest(v_keys) AS c(key)
        JOIN winnow.post_keys AS k ON k.platform = p_platform AND k.key = c.key
        ORDER BY k.platform, k.key FOR UPDATE OF k) AS locked;
    WITH gone AS (
        UPDATE winnow.post_keys AS k
        SET state = 'deleted', is_purged = true, deleted_at = now()
        FROM unnest(v_keys) AS c(key)
        WHERE k.platform = p_platform AND k.key = c.key AND k.account = p_account AND k.state = 'live'
            AND winnow.is_before_purge(k.version, k.version_scope, p_version, p_scope) IS NOT FALSE
        RETURNING k.post_id, k.partition_time)
    SELECT array_agg(g.post_id), array_agg(g.partition_time) INTO v_ids, v_times FROM gone AS g;
    PERFORM winnow.remove_posts_v1(v_ids, v_times);
    RETURN cardinality(v_keys);
END
$function$;

CREATE OR REPLACE FUNCTION winnow.settle_purges_v1(p_wanted integer, p_step integer[], p_platform text[], p_key text[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
DECLARE
    v_row   record;
    v_ids   bigint[] := '{}';
    v_times timestamptz[] := '{}';
BEGIN
    FOR v_row IN
        SELECT k.platform, k.key, k.post_id, k.partition_time
        FROM unnest(p_step, p_platform, p_key) AS e(step, platform, key)
        JOIN winnow.post_keys AS k ON k.platform = e.platform AND k.key = e.key
        JOIN winnow.pending_purges AS g
            ON g.platform = k.platform AND g.account = k.account AND k.post_id <= g.last_post_id
        WHERE e.step = p_wanted AND k.state = 'live'
            AND winnow.is_before_purge(k.version, k.version_scope, g.version, g.version_scope) IS NOT FALSE
        ORDER BY k.platform, k.key
        FOR UPDATE OF k
    LOOP
        UPDATE winnow.post_keys AS k
        SET state = 'deleted', is_purged = true, deleted_at = now()
        WHERE k.platform = v_row.platform AND k.key = v_row.key;
        v_ids := v_ids || v_row.post_id;
        v_times := v_times || v_row.partition_time;
    END LOOP;
    IF cardinality(v_ids) > 0 THEN
        PERFORM winnow.remove_posts_v1(v_ids, v_times);
    END IF;
END
$function$;
COMMENT ON COLUMN winnow.pending_purges.version IS 'Version of the purge: posts that are newer stay.';

-- Answers with the outcome. Each kind keeps its newest version; where two are equally new the stricter one holds.
CREATE OR REPLACE FUNCTION winnow.apply_account_event_v1(
    p_kind text, p_platform text, p_account text, p_version text, p_scope text
) RETURNS text
LANGUAGE plpgsql AS $function$
DECLARE
    v_made      integer;
    v_old       winnow.accounts;
    v_new       winnow.accounts;
    v_is_newest boolean;
    v_purges    boolean := false;
BEGIN
    INSERT INTO winnow.accounts (platform, account, state, version, version_scope)
    VALUES (p_platform, p_account, 'active', p_version, p_scope)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_made = ROW_COUNT;
    SELECT a.* INTO STRICT v_old FROM winnow.accounts AS a
    WHERE a.platform = p_platform AND a.account = p_account FOR UPDATE;
    v_new := v_old;
    v_is_newest := v_made = 1 OR winnow.is_newer(p_version, p_scope, v_old.version, v_old.version_scope);
    IF v_is_newest THEN
        v_new.version := p_version;
        v_new.version_scope := p_scope;
    END IF;
    IF p_kind = 'purge' AND winnow.is_newer(p_version, p_scope, v_old.purge_version, v_old.purge_version_scope) THEN
        v_purges := true;
        v_new.purge_version := p_version;
        v_new.purge_version_scope := p_scope;
    ELSIF p_kind = 'hide' AND winnow.is_newer(p_version, p_scope, v_old.hide_version, v_old.hide_version_scope) THEN
        v_new.hide_version := p_version;
        v_new.hide_version_scope := p_scope;
    ELSIF p_kind = 'restore' AND winnow.is_newer(p_version, p_scope, v_old.restore_version, v_old.restore_version_scope) THEN
        v_new.restore_version := p_version;
        v_new.restore_version_scope := p_scope;
    END IF;
    -- A purge and a hide hold until a newer restore. A hide after a purge changes nothing about the posts.
    v_new.state := CASE
        WHEN v_new.purge_version IS NOT NULL AND (v_new.restore_version IS NULL OR NOT winnow.is_newer(
            v_new.restore_version, v_new.restore_version_scope, v_new.purge_version, v_new.purge_version_scope)) THEN 'purged'
        WHEN v_new.hide_version IS NOT NULL AND (v_new.restore_version IS NULL OR NOT winnow.is_newer(
            v_new.restore_version, v_new.restore_version_scope, v_new.hide_version, v_new.hide_version_scope)) THEN 'hidden'
        ELSE 'active' END;
    UPDATE winnow.accounts AS a
    SET state = v_new.state, version = v_new.version, version_scope = v_new.version_scope, updated_at = now(),
        purge_version = v_new.purge_version, purge_version_scope = v_new.purge_version_scope,
        hide_version = v_new.hide_version, hide_version_scope = v_new.hide_version_scope,
        restore_version = v_new.restore_version, restore_version_scope = v_new.restore_version_scope
    WHERE a.platform = p_platform AND a.account = p_account;
    IF v_purges THEN
        PERFORM winnow.purge_account_v1(p_platform, p_account, p_version, p_scope);
    END IF;
    -- What is purged shows in no view while the account is purged; where it is not, nothing may be left.
    IF v_new.state <> 'purged' AND (v_purges OR v_old.state = 'purged') THEN
        PERFORM winnow.finish_purge_v1(p_platform, p_account);
    END IF;
    RETURN CASE WHEN v_purges THEN 'deleted' WHEN p_kind = 'purge' OR NOT v_is_newest THEN 'superseded'
                WHEN p_kind = 'hide' THEN 'hidden' ELSE 'edited' END;
END
$function$;
