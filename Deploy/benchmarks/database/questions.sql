-- The typical question of each view and function, timed, over the database that generate.sql makes:
--   psql -v end="'2026-11-28 18:40+00'" -f Deploy/benchmarks/database/questions.sql
-- :end is where its posts end. The first answer of each pair may read from the disk, the second does not.
\timing on
\o /dev/null
SELECT date_trunc('day', :end::timestamptz) AS midnight \gset
SELECT * FROM winnow.sentiment_over_time('1 hour', :end::timestamptz - interval '1 day', :end);
SELECT * FROM winnow.sentiment_over_time('1 hour', :end::timestamptz - interval '1 day', :end);
SELECT * FROM winnow.sentiment_over_time('1 day', :end::timestamptz - interval '7 days', :end);
SELECT * FROM winnow.sentiment_over_time('1 day', :end::timestamptz - interval '7 days', :end);
SELECT * FROM winnow.trending_entities('1 hour', :end) LIMIT 20;
SELECT * FROM winnow.trending_entities('1 hour', :end) LIMIT 20;
SELECT * FROM winnow.trending_entities('1 day', :'midnight') LIMIT 20;
SELECT * FROM winnow.trending_entities('1 day', :'midnight') LIMIT 20;
SELECT * FROM winnow.trending_entities('7 days', :'midnight') LIMIT 20;
SELECT * FROM winnow.trending_entities('7 days', :'midnight') LIMIT 20;
SELECT * FROM winnow.topic_posts('topic3', 'negative', :end::timestamptz - interval '1 day') LIMIT 20;
SELECT * FROM winnow.topic_posts('topic3', 'negative', :end::timestamptz - interval '1 day') LIMIT 20;
SELECT * FROM winnow.search_posts('word17000 word1', :end::timestamptz - interval '7 days') LIMIT 20;
SELECT * FROM winnow.search_posts('word17000 word1', :end::timestamptz - interval '7 days') LIMIT 20;
SELECT * FROM winnow.search_posts('"word19 word12000" or word17000 -word3', :end::timestamptz - interval '7 days', 'en') LIMIT 20;
SELECT * FROM winnow.search_posts('"word19 word12000" or word17000 -word3', :end::timestamptz - interval '7 days', 'en') LIMIT 20;
SELECT * FROM winnow.author_activity('benchmark', 'author7', :end::timestamptz - interval '7 days');
SELECT * FROM winnow.author_activity('benchmark', 'author7', :end::timestamptz - interval '7 days');
SELECT * FROM winnow.feed_health;
SELECT * FROM winnow.feed_health;
