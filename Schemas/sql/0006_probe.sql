-- Asks whether a delivery could work at all: touches every table of one, writes nothing.
CREATE FUNCTION winnow.probe_v1() RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO winnow.post_keys SELECT * FROM winnow.post_keys WHERE false;
    INSERT INTO winnow.posts SELECT * FROM winnow.posts WHERE false;
    INSERT INTO winnow.entities SELECT * FROM winnow.entities WHERE false;
    INSERT INTO winnow.accounts SELECT * FROM winnow.accounts WHERE false;
    INSERT INTO winnow.partition_outcomes SELECT * FROM winnow.partition_outcomes WHERE false;
    INSERT INTO winnow.dead_letters (source_offset, source_partition, source_topic, consumer_group, reason, detail)
        SELECT 0, 0, '', '', '', '' WHERE false;
    DELETE FROM winnow.enrichments WHERE false;
    UPDATE winnow.partition_progress SET next_offset = next_offset WHERE false;
    PERFORM nextval('winnow.post_ids');
END
$function$;
COMMENT ON FUNCTION winnow.probe_v1 IS 'Succeeds where a delivery could: every table is there, writable and permitted.';
