-- Questions with stable names. Nothing of a hidden account shows in any of them.
CREATE INDEX entities_time ON winnow.entities USING brin (partition_time) WITH (pages_per_range = 32, autosummarize = on);

CREATE FUNCTION winnow.sentiment_over_time(
    bucket interval DEFAULT '1 hour', since timestamptz DEFAULT now() - interval '1 day', until timestamptz DEFAULT now(),
    wanted_topic text DEFAULT NULL
) RETURNS TABLE (bucket_start timestamptz, topic text, posts bigint, positive bigint, neutral bigint, negative bigint,
                 undecided bigint)
LANGUAGE sql STABLE AS $$
    SELECT date_bin(bucket, p.partition_time, timestamptz '2001-01-01 00:00:00+00'), coalesce(p.topic, '(none)'), count(*),
           count(*) FILTER (WHERE p.sentiment = 'positive'), count(*) FILTER (WHERE p.sentiment = 'neutral'),
           count(*) FILTER (WHERE p.sentiment = 'negative'), count(*) FILTER (WHERE p.sentiment IS NULL)
    FROM winnow.posts AS p
    WHERE p.partition_time >= since AND p.partition_time < until AND (wanted_topic IS NULL OR p.topic = wanted_topic)
        AND NOT EXISTS (SELECT FROM winnow.accounts AS a
                        WHERE a.platform = p.platform AND a.account = p.author AND a.state <> 'active')
    GROUP BY 1, 2
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION winnow.sentiment_over_time IS
    'Visible posts by time, topic and sentiment. Buckets of a day or a week begin at 00:00 UTC, those of a week on Monday.';

-- The old one counted mentions of hidden accounts too, and put the largest first, which is never news.
DROP FUNCTION winnow.trending_entities(interval, timestamptz);
CREATE FUNCTION winnow.trending_entities(span interval DEFAULT '1 hour', until timestamptz DEFAULT now())
RETURNS TABLE (normalized_name text, type text, mentions bigint, mentions_before bigint, rise numeric, significance numeric)
LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT e.normalized_name, e.type,
               count(*) FILTER (WHERE e.partition_time >= until - span) AS mentions,
               count(*) FILTER (WHERE e.partition_time < until - span) AS mentions_before
        FROM winnow.entities AS e
        WHERE e.partition_time >= until - 2 * span AND e.partition_time < until
            AND NOT EXISTS (SELECT FROM winnow.accounts AS a
                            JOIN winnow.posts AS p ON p.platform = a.platform AND p.author = a.account
                            WHERE a.state <> 'active' AND p.post_id = e.post_id AND p.partition_time = e.partition_time)
        GROUP BY 1, 2
    ), totals AS (
        SELECT sum(c.mentions) AS now, sum(c.mentions_before) AS before FROM counted AS c
    ), expected AS (
        SELECT c.*, t.now * (c.mentions + c.mentions_before) / (t.now + t.before) AS mentions_expected,
               t.before * (c.mentions + c.mentions_before) / (t.now + t.before) AS before_expected
        FROM counted AS c CROSS JOIN totals AS t
    )
    SELECT x.normalized_name, x.type, x.mentions, x.mentions_before,
           round((x.mentions + 1)::numeric / (x.mentions_before + 1), 2),
           round((sign(x.mentions - x.mentions_expected) * sqrt(2 * greatest(0,
               x.mentions * ln(x.mentions / x.mentions_expected)
               + CASE WHEN x.mentions_before = 0 THEN 0
                      ELSE x.mentions_before * ln(x.mentions_before / x.before_expected) END)))::numeric, 2)
    FROM expected AS x
    WHERE x.mentions > 0
    ORDER BY 6 DESC, 3 DESC, 1, 2
$$;
COMMENT ON FUNCTION winnow.trending_entities IS
    'Mentions in the span before the given time and in the one before that. significance: signed root of the log-likelihood '
    'ratio against the change of all mentions; above 3 is hardly chance.';

CREATE FUNCTION winnow.text_search_configuration(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE split_part(lower(language), '-', 1)
        WHEN 'da' THEN 'pg_catalog.danish'::regconfig WHEN 'de' THEN 'pg_catalog.german'::regconfig
        WHEN 'en' THEN 'pg_catalog.english'::regconfig WHEN 'es' THEN 'pg_catalog.spanish'::regconfig
        WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig WHEN 'fr' THEN 'pg_catalog.french'::regconfig
        WHEN 'it' THEN 'pg_catalog.italian'::regconfig WHEN 'nl' THEN 'pg_catalog.dutch'::regconfig
        WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig
        ELSE 'pg_catalog.simple'::regconfig END
$$;
COMMENT ON FUNCTION winnow.text_search_configuration IS
    'The word forms of a language; simple where PostgreSQL or this list has none.';

CREATE FUNCTION winnow.search_posts(query text, since timestamptz, wanted_language text)
RETURNS SETOF winnow.visible_posts
LANGUAGE sql STABLE AS $$
    SELECT p.* FROM winnow.visible_posts AS p
    WHERE p.partition_time >= since AND p.language = wanted_language
        AND to_tsvector(winnow.text_search_configuration(p.language), p.text)
            @@ websearch_to_tsquery(winnow.text_search_configuration(wanted_language), query)
    ORDER BY p.partition_time DESC
$$;
COMMENT ON FUNCTION winnow.search_posts(text, timestamptz, text) IS
    'Full-text search in the posts of one language, by its word forms, newest first.';

CREATE OR REPLACE FUNCTION winnow.add_text_search_index() RETURNS void
LANGUAGE sql AS $$
    CREATE INDEX IF NOT EXISTS posts_text ON winnow.posts USING gin (to_tsvector('simple'::regconfig, text));
    CREATE INDEX IF NOT EXISTS posts_text_by_language ON winnow.posts
        USING gin (to_tsvector(winnow.text_search_configuration(language), text));
$$;

-- By the index of post_keys on the account: posts needs none of its own.
CREATE FUNCTION winnow.author_activity(wanted_platform text, wanted_author text, since timestamptz)
RETURNS TABLE (day timestamptz, posts bigint, replies bigint, reposts bigint, positive bigint, neutral bigint,
               negative bigint, last_post timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT date_bin('1 day', p.partition_time, timestamptz '2001-01-01 00:00:00+00'), count(*), count(p.reply_to),
           count(p.repost_of), count(*) FILTER (WHERE p.sentiment = 'positive'),
           count(*) FILTER (WHERE p.sentiment = 'neutral'), count(*) FILTER (WHERE p.sentiment = 'negative'),
           max(p.partition_time)
    FROM winnow.post_keys AS k
    JOIN winnow.posts AS p ON p.post_id = k.post_id AND p.partition_time = k.partition_time
    WHERE k.platform = wanted_platform AND k.account = wanted_author AND k.state = 'live' AND k.partition_time >= since
        AND NOT EXISTS (SELECT FROM winnow.accounts AS a
                        WHERE a.platform = wanted_platform AND a.account = wanted_author AND a.state <> 'active')
    GROUP BY 1
    ORDER BY 1
$$;
COMMENT ON FUNCTION winnow.author_activity IS 'An author''s living posts by day (UTC); nothing for a hidden author.';
