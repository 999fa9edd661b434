-- Fills an empty migrated database with made-up posts of the four weeks before now, two mentions each.
-- psql -v posts=10000000 -f Deploy/benchmarks/database/generate.sql
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SELECT winnow.make_partition(parent, now() - interval '7 days' * week)
FROM unnest(ARRAY['enrichments', 'entities', 'posts']) AS parent, generate_series(0, 4) AS week;
INSERT INTO winnow.model_versions (name, version, weights_hash, sentiment_labels, topic_labels)
VALUES ('benchmark', '1', '000000000000', '{negative,neutral,positive}', '{news}') ON CONFLICT DO NOTHING;
CREATE TEMP TABLE made AS
    SELECT n AS post_id, now() - interval '28 days' * (1 - n / (:posts + 1.0)) AS partition_time,
           'author' || (100000 * power(random(), 3))::integer AS author
    FROM generate_series(1, :posts) AS n;
INSERT INTO winnow.post_keys (post_id, partition_time, platform, key, state, version, version_scope, account)
SELECT m.post_id, m.partition_time, 'benchmark', lpad(m.post_id::text, 12, '0'), 'live', '1', '', m.author FROM made AS m;
INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id, kept_share,
    source_topic, platform, key, author, language, sentiment, topic, dropped, text)
SELECT m.post_id, m.partition_time, m.partition_time, m.post_id, 0, (SELECT min(model_id) FROM winnow.model_versions), 0.75,
    'benchmark', 'benchmark', lpad(m.post_id::text, 12, '0'), m.author,
    (ARRAY['en', 'de', 'es', 'ja'])[1 + (m.post_id % 4)], (ARRAY['negative', 'neutral', 'positive'])[1 + (m.post_id % 3)],
    'topic' || (m.post_id % 19), '{}',
    (SELECT string_agg('word' || (20000 * power(random(), 2))::integer, ' ') FROM generate_series(1, 15 + m.post_id % 2))
FROM made AS m;
INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
SELECT m.post_id, m.partition_time, 0, 5, 0.9, 'LOC', e.name, e.name
FROM made AS m, LATERAL (SELECT 'entity' || (50000 * power(random(), 3))::integer AS name
                         FROM generate_series(1, 2 + 0 * m.post_id)) AS e;
INSERT INTO winnow.accounts (platform, account, state, version, version_scope)
SELECT 'benchmark', 'author' || n, 'hidden', '1', '' FROM generate_series(500, 1000) AS n;
SELECT setval('winnow.post_ids', :posts);
ANALYZE winnow.posts, winnow.entities, winnow.post_keys, winnow.accounts;
SELECT winnow.add_text_search_index();
-- Past days are counted now; by itself the maintenance does it after a minute of quiet.
CALL winnow.maintain();
UPDATE winnow.rollup_days SET checked_at = checked_at - interval '1 hour';
CALL winnow.maintain();
