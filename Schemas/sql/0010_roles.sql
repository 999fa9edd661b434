-- Rights. Roles belong to the whole cluster, so a migration may not be allowed to make them: an administrator makes them, or
-- hands over existing ones, and grant_roles() gives each what it needs. It can be called again after every upgrade.

-- The writer makes partitions on demand, with the owner's right to do it and no other.
ALTER FUNCTION winnow.make_partition(text, timestamptz) SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

CREATE FUNCTION winnow.grant_roles(reader text, writer text) RETURNS void
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
        EXECUTE format('GRANT USAGE ON SCHEMA winnow TO %I', v_name);
        EXECUTE format('GRANT SELECT ON winnow.schema_migrations TO %I', v_name);
    END LOOP;
    EXECUTE format('GRANT SELECT ON winnow.accounts, winnow.entities, winnow.enrichments, winnow.feed_health, '
        'winnow.model_versions, winnow.partition_outcomes, winnow.partition_progress, winnow.post_keys, winnow.posts, '
        'winnow.sentiment_by_topic, winnow.throughput, winnow.visible_posts TO %I', reader);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON winnow.accounts, winnow.dead_letters, winnow.entities, '
        'winnow.enrichments, winnow.model_versions, winnow.partition_outcomes, winnow.partition_progress, '
        'winnow.post_keys, winnow.posts TO %I', writer);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA winnow TO %I', writer);
    REVOKE EXECUTE ON FUNCTION winnow.make_partition(text, timestamptz) FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION winnow.make_partition(text, timestamptz) TO %I', writer);
END
$function$;
COMMENT ON FUNCTION winnow.grant_roles IS
    'Gives a reader all but dead letters, and a writer what winnow run needs; neither may change the schema.';
