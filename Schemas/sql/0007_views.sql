-- What people ask first. Times are those of receipt (partition_time), so that a question reads the partitions of its window only.

CREATE VIEW winnow.visible_posts AS
    SELECT p.*, m.name || '-' || m.version || '+' || m.weights_hash AS model
    FROM winnow.posts AS p
    JOIN winnow.model_versions AS m USING (model_id)
    WHERE NOT EXISTS (SELECT FROM winnow.accounts AS a
                      WHERE a.platform = p.platform AND a.account = p.author AND a.state <> 'active');
COMMENT ON VIEW winnow.visible_posts IS 'Posts with their model, without those of hidden accounts: what may be shown.';

CREATE VIEW winnow.sentiment_by_topic AS
    SELECT date_trunc('hour', p.partition_time) AS hour, coalesce(p.topic, '(none)') AS topic, count(*) AS posts,
           count(*) FILTER (WHERE p.sentiment = 'positive') AS positive,
           count(*) FILTER (WHERE p.sentiment = 'neutral') AS neutral,
           count(*) FILTER (WHERE p.sentiment = 'negative') AS negative,
           count(*) FILTER (WHERE p.sentiment IS NULL) AS undecided
    FROM winnow.visible_posts AS p
    GROUP BY 1, 2;
COMMENT ON VIEW winnow.sentiment_by_topic IS 'Posts by hour, topic and sentiment. Ask with WHERE hour >= …';

CREATE FUNCTION winnow.trending_entities(span interval DEFAULT '1 hour', until timestamptz DEFAULT now())
RETURNS TABLE (normalized_name text, type text, mentions bigint, mentions_before bigint, rise numeric)
LANGUAGE sql STABLE AS $$
    SELECT e.normalized_name, e.type,
           count(*) FILTER (WHERE e.partition_time >= until - span) AS mentions,
           count(*) FILTER (WHERE e.partition_time < until - span) AS mentions_before,
           round((count(*) FILTER (WHERE e.partition_time >= until - span) + 1)::numeric
                 / (count(*) FILTER (WHERE e.partition_time < until - span) + 1), 2) AS rise
    FROM winnow.entities AS e
    WHERE e.partition_time >= until - 2 * span AND e.partition_time <= until
    GROUP BY 1, 2
    HAVING count(*) FILTER (WHERE e.partition_time >= until - span) > 0
    ORDER BY 3 DESC, 5 DESC, 1
$$;
COMMENT ON FUNCTION winnow.trending_entities IS
    'Mentions within the span before the given time, those in the span before it, and the rise: (now + 1) / (before + 1).';

CREATE FUNCTION winnow.topic_posts(wanted_topic text, wanted_sentiment text, since timestamptz)
RETURNS SETOF winnow.visible_posts
LANGUAGE sql STABLE AS $$
    SELECT p.* FROM winnow.visible_posts AS p
    WHERE p.topic = wanted_topic AND p.sentiment = wanted_sentiment AND p.partition_time >= since
    ORDER BY p.partition_time DESC
$$;
COMMENT ON FUNCTION winnow.topic_posts IS 'A topic''s posts of one sentiment, newest first.';

CREATE FUNCTION winnow.search_posts(query text, since timestamptz)
RETURNS SETOF winnow.visible_posts
LANGUAGE sql STABLE AS $$
    SELECT p.* FROM winnow.visible_posts AS p
    WHERE p.partition_time >= since
        AND to_tsvector('simple'::regconfig, p.text) @@ websearch_to_tsquery('simple'::regconfig, query)
    ORDER BY p.partition_time DESC
$$;
COMMENT ON FUNCTION winnow.search_posts IS
    'Full-text search, newest first. Reads the window''s posts, unless add_text_search_index() was called.';

CREATE FUNCTION winnow.add_text_search_index() RETURNS void
LANGUAGE sql AS $$
    CREATE INDEX IF NOT EXISTS posts_text ON winnow.posts USING gin (to_tsvector('simple'::regconfig, text))
$$;
COMMENT ON FUNCTION winnow.add_text_search_index IS
    'Makes search_posts fast. Not there by default, because it makes every delivery slower.';

CREATE VIEW winnow.feed_health AS
    SELECT p.consumer_group, p.topic, p.partition, p.first_offset, p.next_offset,
           now() - p.last_received_at AS age_of_last_record, now() - p.updated_at AS since_last_delivery,
           p.released, p.crash_count, p.suspect_offset,
           coalesce(sum(o.count), 0) AS counted,
           coalesce(sum(o.count) FILTER (WHERE o.outcome = 'dead'), 0) AS dead,
           coalesce(sum(o.count) FILTER (WHERE o.outcome = 'gap'), 0) AS gap
    FROM winnow.partition_progress AS p
    LEFT JOIN winnow.partition_outcomes AS o USING (progress_id)
    GROUP BY p.progress_id, p.consumer_group, p.topic, p.partition;
COMMENT ON VIEW winnow.feed_health IS 'One row a Kafka partition: how far, how old, how many dead letters. Lag in messages: winnow status.';

CREATE VIEW winnow.throughput AS
    SELECT date_trunc('minute', partition_time) AS minute, platform, count(*) AS posts,
           round(avg(kept_share)::numeric, 3) AS kept_share
    FROM winnow.posts
    GROUP BY 1, 2;
COMMENT ON VIEW winnow.throughput IS 'Living posts by the minute of their receipt. Ask with WHERE minute >= …';
