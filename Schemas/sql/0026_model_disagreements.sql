-- Where do two models disagree? The live one and those beside it, over the posts that both have read.

CREATE VIEW winnow.model_comparisons AS
    SELECT p.post_id, p.partition_time, p.platform, p.key, p.language,
           m.name || '-' || m.version || '+' || m.weights_hash AS model,
           o.name || '-' || o.version || '+' || o.weights_hash AS other_model,
           p.sentiment, e.sentiment AS other_sentiment, p.topic, e.topic AS other_topic,
           p.sentiment_scores, e.sentiment_scores AS other_sentiment_scores, p.topic_scores,
           e.topic_scores AS other_topic_scores, e.enriched_at, p.text
    FROM winnow.enrichments AS e
    JOIN winnow.posts AS p ON p.post_id = e.post_id AND p.partition_time = e.partition_time
    JOIN winnow.model_versions AS m ON m.model_id = p.model_id
    JOIN winnow.model_versions AS o ON o.model_id = e.model_id
    WHERE NOT EXISTS (SELECT FROM winnow.accounts AS a
                      WHERE a.platform = p.platform AND a.account = p.author AND a.state <> 'active');
COMMENT ON VIEW winnow.model_comparisons IS
    'One row a post and model beside the live one, without hidden accounts. Ask with WHERE partition_time >= …';

CREATE VIEW winnow.model_disagreements AS
    SELECT l.task, l.model, l.other_model, l.label, l.other_label, count(*) AS posts,
           round(count(*) / sum(count(*)) OVER (PARTITION BY l.task, l.model, l.other_model), 4) AS share
    FROM (SELECT c.model, c.other_model, t.task, coalesce(t.label, '(none)') AS label,
                 coalesce(t.other_label, '(none)') AS other_label
          FROM winnow.model_comparisons AS c
          CROSS JOIN LATERAL (VALUES
              ('sentiment', c.sentiment, c.other_sentiment, c.sentiment_scores, c.other_sentiment_scores),
              ('topic', c.topic, c.other_topic, c.topic_scores, c.other_topic_scores))
              AS t(task, label, other_label, scores, other_scores)
          -- A model without the task has no opinion; one that abstains has scores and no label.
          WHERE t.scores IS NOT NULL AND t.other_scores IS NOT NULL) AS l
    GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW winnow.model_disagreements IS
    'The label matrix of each task and pair of models: label is the live one''s; rows with label = other_label are agreement.';
