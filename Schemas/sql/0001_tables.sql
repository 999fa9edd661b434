-- Tables of Winnow. Loaded by `winnow migrate` in one transaction with the other files of this folder.
-- Key columns compare byte by byte (COLLATE "C"): that is the order of versions, and the cheapest index.

CREATE SEQUENCE winnow.post_ids AS bigint;
COMMENT ON SEQUENCE winnow.post_ids IS 'Makes post_id: short, rising, so that the indexes on it grow at their end.';

CREATE TABLE winnow.model_versions (
    model_id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name             text NOT NULL,
    version          text NOT NULL,
    weights_hash     text NOT NULL,
    sentiment_labels text[] NOT NULL,
    topic_labels     text[] NOT NULL,
    first_used_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, version, weights_hash, sentiment_labels, topic_labels)
);
COMMENT ON TABLE winnow.model_versions IS 'Every model that ever wrote a row, with its labels in the order of the scores.';
COMMENT ON COLUMN winnow.model_versions.weights_hash IS 'First 12 hexadecimal digits of the SHA-256 of the weights file.';

CREATE TABLE winnow.post_keys (
    post_id        bigint NOT NULL,
    partition_time timestamptz NOT NULL,
    platform       text COLLATE "C" NOT NULL,
    key            text COLLATE "C" NOT NULL,
    state          text COLLATE "C" NOT NULL,
    version        text COLLATE "C" NOT NULL,
    version_scope  text COLLATE "C" NOT NULL,
    account        text COLLATE "C",
    PRIMARY KEY (platform, key)
);
CREATE INDEX post_keys_account ON winnow.post_keys (account) WHERE state = 'live';
COMMENT ON TABLE winnow.post_keys IS
    'The arbiter of a post across partitions, instances and replays: each create, edit and delete locks its row first.';
COMMENT ON COLUMN winnow.post_keys.state IS 'live: there is a row in posts. deleted: a tombstone, there is none.';
COMMENT ON COLUMN winnow.post_keys.partition_time IS 'Where the row in posts lies; frozen while the post lives.';
COMMENT ON COLUMN winnow.post_keys.version_scope IS 'Versions of one scope are ordered; see Schemas/README.md.';

CREATE TABLE winnow.accounts (
    platform      text COLLATE "C" NOT NULL,
    account       text COLLATE "C" NOT NULL,
    state         text COLLATE "C" NOT NULL,
    version       text COLLATE "C" NOT NULL,
    version_scope text COLLATE "C" NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, account)
);
CREATE INDEX accounts_purged ON winnow.accounts (platform, account) WHERE state = 'purged';
CREATE INDEX accounts_restricted ON winnow.accounts (platform, account) WHERE state <> 'active';
COMMENT ON TABLE winnow.accounts IS 'Accounts that the feed said something about; an account without a row is active.';
COMMENT ON COLUMN winnow.accounts.state IS
    'active; hidden: its posts are kept, visible_posts leaves them out; purged: its posts are gone and refused.';

CREATE TABLE winnow.posts (
    post_id          bigint NOT NULL,
    partition_time   timestamptz NOT NULL,
    received_at      timestamptz NOT NULL,
    created_at       timestamptz,
    source_offset    bigint NOT NULL,
    source_partition integer NOT NULL,
    model_id         integer NOT NULL,
    kept_share       real NOT NULL,
    source_topic     text COLLATE "C" NOT NULL,
    platform         text COLLATE "C" NOT NULL,
    key              text COLLATE "C" NOT NULL,
    author           text COLLATE "C",
    language         text COLLATE "C",
    sentiment        text COLLATE "C",
    topic            text COLLATE "C",
    sentiment_scores real[],
    topic_scores     real[],
    dropped          integer[] NOT NULL,
    reply_to         text COLLATE "C",
    reply_root       text COLLATE "C",
    repost_of        text COLLATE "C",
    quote_of         text COLLATE "C",
    text             text NOT NULL,
    PRIMARY KEY (post_id, partition_time)
) PARTITION BY RANGE (partition_time);
CREATE INDEX posts_topic ON winnow.posts (topic, partition_time);
CREATE INDEX posts_time ON winnow.posts USING brin (partition_time) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE winnow.posts IS 'One row a living post, with what the live model says. One partition a week.';
COMMENT ON COLUMN winnow.posts.partition_time IS 'When the post was first received, within the range of winnow.partition_time().';
COMMENT ON COLUMN winnow.posts.received_at IS 'Kafka''s time of the event that this row holds (of the edit, where there was one).';
COMMENT ON COLUMN winnow.posts.created_at IS 'What the feed says; not to be trusted.';
COMMENT ON COLUMN winnow.posts.sentiment_scores IS 'Probabilities in the order of model_versions.sentiment_labels.';
COMMENT ON COLUMN winnow.posts.topic_scores IS 'Probabilities in the order of model_versions.topic_labels.';
COMMENT ON COLUMN winnow.posts.dropped IS 'What the mask dropped: start, length, start, length, … in code points, as substr counts from 0.';
COMMENT ON COLUMN winnow.posts.kept_share IS 'Share of the tokens that the encoder read.';

CREATE TABLE winnow.entities (
    post_id         bigint NOT NULL,
    partition_time  timestamptz NOT NULL,
    start           integer NOT NULL,
    length          integer NOT NULL,
    score           real NOT NULL,
    type            text COLLATE "C" NOT NULL,
    name            text NOT NULL,
    normalized_name text COLLATE "C" NOT NULL
) PARTITION BY RANGE (partition_time);
CREATE INDEX entities_post ON winnow.entities (post_id);
CREATE INDEX entities_name ON winnow.entities (normalized_name, partition_time);
COMMENT ON TABLE winnow.entities IS 'One row a mention of a person, place, organisation, … in a living post.';
COMMENT ON COLUMN winnow.entities.start IS 'First code point of the mention in posts.text, counted from 0.';
COMMENT ON COLUMN winnow.entities.normalized_name IS 'Lower case, white space collapsed, at most 200 characters.';

CREATE TABLE winnow.enrichments (
    post_id          bigint NOT NULL,
    partition_time   timestamptz NOT NULL,
    model_id         integer NOT NULL,
    kept_share       real NOT NULL,
    enriched_at      timestamptz NOT NULL DEFAULT now(),
    sentiment        text COLLATE "C",
    topic            text COLLATE "C",
    sentiment_scores real[],
    topic_scores     real[],
    dropped          integer[] NOT NULL,
    entities         jsonb NOT NULL,
    PRIMARY KEY (post_id, model_id, partition_time)
) PARTITION BY RANGE (partition_time);
COMMENT ON TABLE winnow.enrichments IS 'What other models say about the same text, beside the live one.';

CREATE TABLE winnow.partition_progress (
    progress_id      integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    partition        integer NOT NULL,
    first_offset     bigint NOT NULL,
    next_offset      bigint NOT NULL,
    claim_counter    bigint NOT NULL DEFAULT 0,
    claim_offset     bigint,
    claim_token      uuid,
    crash_count      integer NOT NULL DEFAULT 0,
    suspect_attempts integer NOT NULL DEFAULT 0,
    suspect_offset   bigint,
    claimed_at       timestamptz,
    last_received_at timestamptz,
    updated_at       timestamptz NOT NULL DEFAULT now(),
    released         boolean NOT NULL DEFAULT true,
    consumer_group   text COLLATE "C" NOT NULL,
    topic            text COLLATE "C" NOT NULL,
    cluster_id       text COLLATE "C",
    PRIMARY KEY (consumer_group, topic, partition),
    CHECK (first_offset <= next_offset)
) WITH (fillfactor = 50);
COMMENT ON TABLE winnow.partition_progress IS 'How far each consumer group is: the truth. Offsets in Kafka are hints.';
COMMENT ON COLUMN winnow.partition_progress.next_offset IS 'Everything from first_offset up to here has one outcome each.';
COMMENT ON COLUMN winnow.partition_progress.claim_token IS 'The fence: a delivery with another token writes nothing.';
COMMENT ON COLUMN winnow.partition_progress.claim_offset IS 'next_offset when it was claimed last: no progress since, and not released, means a crash.';
COMMENT ON COLUMN winnow.partition_progress.released IS 'The last owner let go in good order.';
COMMENT ON COLUMN winnow.partition_progress.suspect_offset IS 'A record that is being tried alone, because owners died near it.';
COMMENT ON COLUMN winnow.partition_progress.cluster_id IS 'The Kafka cluster these offsets belong to; null: the next claim decides.';

CREATE TABLE winnow.partition_outcomes (
    progress_id integer NOT NULL REFERENCES winnow.partition_progress (progress_id) ON DELETE CASCADE,
    count       bigint NOT NULL,
    outcome     text COLLATE "C" NOT NULL,
    reason      text COLLATE "C" NOT NULL,
    PRIMARY KEY (progress_id, outcome, reason)
) WITH (fillfactor = 50);
COMMENT ON TABLE winnow.partition_outcomes IS 'What became of the records; per partition the counts add up to next_offset - first_offset.';

CREATE TABLE winnow.dead_letters (
    dead_letter_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_at       timestamptz NOT NULL DEFAULT now(),
    received_at      timestamptz,
    source_offset    bigint NOT NULL,
    source_partition integer NOT NULL,
    source_topic     text COLLATE "C" NOT NULL,
    consumer_group   text COLLATE "C" NOT NULL,
    reason           text COLLATE "C" NOT NULL,
    detail           text NOT NULL,
    platform         text COLLATE "C",
    key              text COLLATE "C",
    account          text COLLATE "C",
    record_key       bytea,
    payload          bytea
);
-- The expressions keep ids of any length out of the index: a dead letter must never be refused itself.
CREATE INDEX dead_letters_key ON winnow.dead_letters (left(key, 200)) WHERE key IS NOT NULL;
CREATE INDEX dead_letters_account ON winnow.dead_letters (left(account, 200)) WHERE account IS NOT NULL;
COMMENT ON TABLE winnow.dead_letters IS 'Records that could not be read or written, with all that is needed to take them in again.';
COMMENT ON COLUMN winnow.dead_letters.payload IS 'The record''s value, byte for byte; null where it had none, or where the post or account was deleted before.';
