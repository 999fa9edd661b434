-- Counts of whole days made beforehand, so that a question about weeks reads thousands of rows and not millions.
--
-- A day (UTC) is counted from the posts until it is closed: quiet, and every transaction that could not know of the closing has
-- ended. Afterwards triggers note each change of its rows as a difference, in the transaction that makes it; answers add
-- differences that are not folded in yet. So an answer is exact at every moment. Nothing waits for a lock of another delivery:
-- differences are only ever appended.

CREATE TABLE winnow.rollup_days (
    day        timestamptz PRIMARY KEY,
    checked_at timestamptz NOT NULL DEFAULT now(),
    posts_seen bigint NOT NULL DEFAULT -1,
    barrier    text[],
    state      text COLLATE "C" NOT NULL DEFAULT 'open'
);
COMMENT ON TABLE winnow.rollup_days IS 'Days that have posts, and whether they are counted in sentiment_hours and entity_days.';
COMMENT ON COLUMN winnow.rollup_days.day IS 'Its beginning: 00:00 UTC.';
COMMENT ON COLUMN winnow.rollup_days.checked_at IS 'When it was looked at last.';
COMMENT ON COLUMN winnow.rollup_days.posts_seen IS 'Posts it had then: the same number at the next look means quiet.';
COMMENT ON COLUMN winnow.rollup_days.barrier IS 'Virtual transactions that may not know that the day is closing; null: not asked yet.';
COMMENT ON COLUMN winnow.rollup_days.state IS
    'open: counted from its posts. closing: differences are noted already. closed: counted beforehand, differences added.';

CREATE TABLE winnow.sentiment_hours (
    hour      timestamptz NOT NULL,
    posts     bigint NOT NULL,
    topic     text COLLATE "C" NOT NULL,
    sentiment text COLLATE "C" NOT NULL,
    PRIMARY KEY (hour, topic, sentiment)
);
COMMENT ON TABLE winnow.sentiment_hours IS 'Visible posts of closed days by hour, topic and sentiment. Ask sentiment_over_time().';
COMMENT ON COLUMN winnow.sentiment_hours.hour IS 'Beginning of the hour.';
COMMENT ON COLUMN winnow.sentiment_hours.posts IS 'Posts, without the differences in sentiment_changes.';
COMMENT ON COLUMN winnow.sentiment_hours.topic IS 'Topic; (none) where the model gave none.';
COMMENT ON COLUMN winnow.sentiment_hours.sentiment IS 'Sentiment; empty where the model gave none.';

CREATE TABLE winnow.sentiment_changes (
    hour      timestamptz NOT NULL,
    posts     bigint NOT NULL,
    topic     text COLLATE "C" NOT NULL,
    sentiment text COLLATE "C" NOT NULL
);
COMMENT ON TABLE winnow.sentiment_changes IS 'Differences to sentiment_hours that are not folded in yet.';
COMMENT ON COLUMN winnow.sentiment_changes.hour IS 'Beginning of the hour.';
COMMENT ON COLUMN winnow.sentiment_changes.posts IS 'Posts that came or, below zero, went.';
COMMENT ON COLUMN winnow.sentiment_changes.topic IS 'As in sentiment_hours.';
COMMENT ON COLUMN winnow.sentiment_changes.sentiment IS 'As in sentiment_hours.';

CREATE TABLE winnow.entity_days (
    day             timestamptz NOT NULL,
    mentions        bigint NOT NULL,
    type            text COLLATE "C" NOT NULL,
    normalized_name text COLLATE "C" NOT NULL,
    PRIMARY KEY (day, normalized_name, type)
);
COMMENT ON TABLE winnow.entity_days IS 'Mentions in visible posts of closed days. Ask trending_entities().';
COMMENT ON COLUMN winnow.entity_days.day IS 'Beginning of the day, UTC.';
COMMENT ON COLUMN winnow.entity_days.mentions IS 'Mentions, without the differences in entity_changes.';
COMMENT ON COLUMN winnow.entity_days.type IS 'As in entities.';
COMMENT ON COLUMN winnow.entity_days.normalized_name IS 'As in entities.';

CREATE TABLE winnow.entity_changes (
    day             timestamptz NOT NULL,
    mentions        bigint NOT NULL,
    type            text COLLATE "C" NOT NULL,
    normalized_name text COLLATE "C" NOT NULL
);
COMMENT ON TABLE winnow.entity_changes IS 'Differences to entity_days that are not folded in yet.';
COMMENT ON COLUMN winnow.entity_changes.day IS 'Beginning of the day, UTC.';
COMMENT ON COLUMN winnow.entity_changes.mentions IS 'Mentions that came or, below zero, went.';
COMMENT ON COLUMN winnow.entity_changes.type IS 'As in entities.';
COMMENT ON COLUMN winnow.entity_changes.normalized_name IS 'As in entities.';

-- Hiding an account of any size is one row in the delivery. Its posts leave the counts afterwards; until then answers take them
-- off, account by account.
ALTER TABLE winnow.accounts ADD COLUMN is_counted boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN winnow.accounts.is_counted IS
    'Whether its posts are among the counts of closed days; follows the state a little later.';
CREATE INDEX accounts_to_count ON winnow.accounts (platform, account) WHERE is_counted <> (state = 'active');

CREATE FUNCTION winnow.day_of(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT date_bin('1 day', moment, timestamptz '2001-01-01 00:00:00+00') $$;
COMMENT ON FUNCTION winnow.day_of IS 'Beginning of the day of a moment, UTC.';

CREATE FUNCTION winnow.hour_of(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT date_bin('1 hour', moment, timestamptz '2001-01-01 00:00:00+00') $$;
COMMENT ON FUNCTION winnow.hour_of IS 'Beginning of the hour of a moment, UTC.';

-- A change of an account's counting and a change of its posts happen one after the other. Of another class than the gates of
-- a delivery, and taken for rows of closed days only.
CREATE FUNCTION winnow.counting_lock(platform text, account text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$ SELECT abs(hashtext(platform || E'\x1f' || account) % 128) $$;
COMMENT ON FUNCTION winnow.counting_lock IS 'The advisory lock (class 2003659375) under which an account''s counting changes.';

-- Both triggers run with the owner's rights: who writes posts needs none on the counts.
CREATE FUNCTION winnow.note_post_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    v_first timestamptz;
    v_last  timestamptz;
    v_sign  integer := CASE TG_ARGV[0] WHEN 'came' THEN 1 ELSE -1 END;
BEGIN
    SELECT min(c.partition_time), max(c.partition_time) INTO v_first, v_last FROM changed AS c;
    IF NOT EXISTS (SELECT FROM winnow.rollup_days AS d
                   WHERE d.day BETWEEN winnow.day_of(v_first) AND v_last AND d.state <> 'open') THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(2003659375, w.number)
    FROM (SELECT DISTINCT winnow.counting_lock(c.platform, c.author) AS number FROM changed AS c
          JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(c.partition_time) AND d.state <> 'open'
          WHERE c.author IS NOT NULL ORDER BY 1) AS w;
    INSERT INTO winnow.sentiment_changes (hour, posts, topic, sentiment)
    SELECT winnow.hour_of(c.partition_time), v_sign * count(*), coalesce(c.topic, '(none)'), coalesce(c.sentiment, '')
    FROM changed AS c
    JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(c.partition_time) AND d.state <> 'open'
    WHERE NOT EXISTS (SELECT FROM winnow.accounts AS a
                      WHERE a.platform = c.platform AND a.account = c.author AND NOT a.is_counted)
    GROUP BY 1, 3, 4;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION winnow.note_post_changes IS 'Notes what one statement does to the counts of closed days.';

-- Rows of entities come after their post and go before it.
CREATE FUNCTION winnow.note_entity_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    v_first timestamptz;
    v_last  timestamptz;
    v_sign  integer := CASE TG_ARGV[0] WHEN 'came' THEN 1 ELSE -1 END;
BEGIN
    SELECT min(c.partition_time), max(c.partition_time) INTO v_first, v_last FROM changed AS c;
    IF NOT EXISTS (SELECT FROM winnow.rollup_days AS d
                   WHERE d.day BETWEEN winnow.day_of(v_first) AND v_last AND d.state <> 'open') THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(2003659375, w.number)
    FROM (SELECT DISTINCT winnow.counting_lock(p.platform, p.author) AS number FROM changed AS c
          JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(c.partition_time) AND d.state <> 'open'
          JOIN winnow.posts AS p ON p.post_id = c.post_id AND p.partition_time = c.partition_time
          WHERE p.author IS NOT NULL ORDER BY 1) AS w;
    INSERT INTO winnow.entity_changes (day, mentions, type, normalized_name)
    SELECT d.day, v_sign * count(*), c.type, c.normalized_name
    FROM changed AS c
    JOIN winnow.rollup_days AS d ON d.day = winnow.day_of(c.partition_time) AND d.state <> 'open'
    WHERE NOT EXISTS (SELECT FROM winnow.posts AS p
                      JOIN winnow.accounts AS a ON a.platform = p.platform AND a.account = p.author AND NOT a.is_counted
                      WHERE p.post_id = c.post_id AND p.partition_time = c.partition_time)
    GROUP BY 1, 3, 4;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION winnow.note_entity_changes IS 'Notes what one statement does to the counts of closed days.';

CREATE TRIGGER posts_came AFTER INSERT ON winnow.posts
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_post_changes('came');
CREATE TRIGGER posts_went AFTER DELETE ON winnow.posts
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_post_changes('went');
CREATE TRIGGER posts_old AFTER UPDATE ON winnow.posts
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_post_changes('went');
CREATE TRIGGER posts_new AFTER UPDATE ON winnow.posts
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_post_changes('came');
CREATE TRIGGER entities_came AFTER INSERT ON winnow.entities
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_entity_changes('came');
CREATE TRIGGER entities_went AFTER DELETE ON winnow.entities
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_entity_changes('went');
CREATE TRIGGER entities_old AFTER UPDATE ON winnow.entities
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_entity_changes('went');
CREATE TRIGGER entities_new AFTER UPDATE ON winnow.entities
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION winnow.note_entity_changes('came');
