-- Enriching a range again with another model: what was asked, how far it is, what became of it.

CREATE TABLE winnow.replays (
    replay_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    total       bigint NOT NULL,
    done        bigint NOT NULL DEFAULT 0,
    next_post   bigint,
    end_post    bigint,
    source      text COLLATE "C" NOT NULL,
    mode        text COLLATE "C" NOT NULL,
    model       text COLLATE "C" NOT NULL,
    selection   text COLLATE "C" NOT NULL
);
COMMENT ON TABLE winnow.replays IS 'Runs of winnow replay; one that was broken off goes on from what stands here.';
COMMENT ON COLUMN winnow.replays.replay_id IS 'Number of the replay.';
COMMENT ON COLUMN winnow.replays.started_at IS 'When it was asked for.';
COMMENT ON COLUMN winnow.replays.updated_at IS 'When its last batch was written.';
COMMENT ON COLUMN winnow.replays.finished_at IS 'When the end of the range was reached; null: not yet.';
COMMENT ON COLUMN winnow.replays.total IS 'Posts (database) or offsets (kafka) in the range when it was asked for.';
COMMENT ON COLUMN winnow.replays.done IS 'How many of them are behind it; also the fence between two processes.';
COMMENT ON COLUMN winnow.replays.next_post IS 'Source database: posts up to this post_id are done.';
COMMENT ON COLUMN winnow.replays.end_post IS 'Source database: the last post_id when it was asked for.';
COMMENT ON COLUMN winnow.replays.source IS 'database or kafka.';
COMMENT ON COLUMN winnow.replays.mode IS 'beside: into enrichments. adopt: in place of the live results.';
COMMENT ON COLUMN winnow.replays.model IS 'The model, as name-version+hash.';
COMMENT ON COLUMN winnow.replays.selection IS 'What was asked for, as JSON with sorted keys.';

CREATE TABLE winnow.replay_partitions (
    replay_id   bigint NOT NULL REFERENCES winnow.replays (replay_id) ON DELETE CASCADE,
    partition   integer NOT NULL,
    next_offset bigint NOT NULL,
    end_offset  bigint NOT NULL,
    topic       text COLLATE "C" NOT NULL,
    PRIMARY KEY (replay_id, topic, partition)
);
COMMENT ON TABLE winnow.replay_partitions IS 'Source kafka: how far a replay is in each partition.';
COMMENT ON COLUMN winnow.replay_partitions.replay_id IS 'The replay.';
COMMENT ON COLUMN winnow.replay_partitions.partition IS 'Kafka partition.';
COMMENT ON COLUMN winnow.replay_partitions.next_offset IS 'Everything before it is done.';
COMMENT ON COLUMN winnow.replay_partitions.end_offset IS 'Where the range ends: the first offset that is not read.';
COMMENT ON COLUMN winnow.replay_partitions.topic IS 'Kafka topic.';

CREATE TABLE winnow.replay_outcomes (
    replay_id bigint NOT NULL REFERENCES winnow.replays (replay_id) ON DELETE CASCADE,
    count     bigint NOT NULL,
    outcome   text COLLATE "C" NOT NULL,
    PRIMARY KEY (replay_id, outcome)
);
COMMENT ON TABLE winnow.replay_outcomes IS 'What became of the posts or records of a replay; the counts add up to done.';
COMMENT ON COLUMN winnow.replay_outcomes.replay_id IS 'The replay.';
COMMENT ON COLUMN winnow.replay_outcomes.count IS 'Posts or records with this outcome.';
COMMENT ON COLUMN winnow.replay_outcomes.outcome IS
    'written, adopted, changed, gone, absent, other_version, same_model, repeated, skipped, unreadable or gap.';

CREATE FUNCTION winnow.grant_replays(reader text, writer text) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    EXECUTE format('GRANT SELECT ON winnow.replays, winnow.replay_partitions, winnow.replay_outcomes, '
        'winnow.model_comparisons, winnow.model_disagreements TO %I', reader);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON winnow.replays, winnow.replay_partitions, '
        'winnow.replay_outcomes TO %I', writer);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA winnow TO %I', writer);
END
$function$;
COMMENT ON FUNCTION winnow.grant_replays IS
    'After grant_roles: lets a writer run winnow replay, and a reader see what became of it and compare models.';
