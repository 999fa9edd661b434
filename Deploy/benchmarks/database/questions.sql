-- The typical question of each view and function, timed: psql -f Deploy/benchmarks/database/questions.sql
\timing on
\o /dev/null
SELECT * FROM winnow.sentiment_over_time('1 hour', now() - interval '1 day', now());
SELECT * FROM winnow.sentiment_over_time('1 day', now() - interval '7 days', now());
SELECT * FROM winnow.trending_entities('1 hour') LIMIT 20;
SELECT * FROM winnow.trending_entities('1 day') LIMIT 20;
SELECT * FROM winnow.topic_posts('topic3', 'negative', now() - interval '1 day') LIMIT 20;
SELECT * FROM winnow.search_posts('word17000 word1', now() - interval '7 days') LIMIT 20;
SELECT * FROM winnow.search_posts('word17000 word1', now() - interval '7 days', 'en') LIMIT 20;
SELECT * FROM winnow.author_activity('benchmark', 'author7', now() - interval '7 days');
SELECT * FROM winnow.feed_health;
