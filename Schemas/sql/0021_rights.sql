-- Rights on what 0014 to 0020 made: for roles that are named from now on, and for those that grant_roles() named before.

CREATE FUNCTION winnow.grant_reader(reader text) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA winnow TO %I', reader);
    EXECUTE format('GRANT SELECT ON winnow.accounts, winnow.entities, winnow.enrichments, winnow.entity_changes, '
        'winnow.entity_days, winnow.feed_health, winnow.model_versions, winnow.partition_outcomes, '
        'winnow.partition_progress, winnow.pending_purges, winnow.post_keys, winnow.posts, winnow.rollup_days, '
        'winnow.schema_migrations, winnow.sentiment_by_topic, winnow.sentiment_changes, winnow.sentiment_hours, '
        'winnow.throughput, winnow.visible_posts TO %I', reader);
END
$function$;
COMMENT ON FUNCTION winnow.grant_reader IS 'Gives a role what every question needs: all but dead letters, and no writing.';

CREATE FUNCTION winnow.grant_writer(writer text) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA winnow TO %I', writer);
    EXECUTE format('GRANT SELECT ON winnow.schema_migrations, winnow.rollup_days TO %I', writer);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON winnow.accounts, winnow.dead_letters, winnow.entities, '
        'winnow.enrichments, winnow.model_versions, winnow.partition_outcomes, winnow.partition_progress, '
        'winnow.pending_purges, winnow.post_keys, winnow.posts TO %I', writer);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA winnow TO %I', writer);
    EXECUTE format('GRANT EXECUTE ON FUNCTION winnow.make_partition(text, timestamptz) TO %I', writer);
    EXECUTE format('GRANT EXECUTE ON FUNCTION winnow.maintenance_step_v1 TO %I', writer);
END
$function$;
COMMENT ON FUNCTION winnow.grant_writer IS 'Gives a role what winnow run needs, maintenance included; it may not change the schema.';

CREATE OR REPLACE FUNCTION winnow.grant_roles(reader text, writer text) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    v_name text;
BEGIN
    FOREACH v_name IN ARRAY ARRAY[reader, writer] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = v_name) THEN
            RAISE EXCEPTION 'There is no role %; create it with CREATE ROLE, as a user who may', quote_ident(v_name)
                USING ERRCODE = '42704';
        END IF;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA winnow FROM %I', v_name);
    END LOOP;
    PERFORM winnow.grant_reader(reader), winnow.grant_writer(writer);
    REVOKE EXECUTE ON FUNCTION winnow.make_partition(text, timestamptz) FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION winnow.maintenance_step_v1 FROM PUBLIC;
END
$function$;

-- An upgrade must not stop a writer that was given rights before: whoever has them on posts gets them on the new tables.
DO $do$
DECLARE
    v_row record;
BEGIN
    FOR v_row IN
        SELECT DISTINCT r.rolname, x.privilege_type
        FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS x JOIN pg_roles AS r ON r.oid = x.grantee
        WHERE c.oid = 'winnow.posts'::regclass AND x.grantee <> c.relowner AND x.privilege_type IN ('SELECT', 'INSERT')
        ORDER BY 1, 2
    LOOP
        IF v_row.privilege_type = 'INSERT' THEN
            PERFORM winnow.grant_writer(v_row.rolname);
        ELSE
            PERFORM winnow.grant_reader(v_row.rolname);
        END IF;
    END LOOP;
END
$do$;
