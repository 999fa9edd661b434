-- One batch of a replay: rows, counts and position in one transaction. Locks in this order: the replay's row, key rows
-- (sorted), rows derived from them. A post is written only where its key still has the version that was read: deletes,
-- purges and edits of the live stream win, whichever side of the transaction they are on.

CREATE FUNCTION winnow.model_id_v1(
    p_name text, p_version text, p_hash text, p_sentiments text[], p_topics text[]
) RETURNS integer
LANGUAGE plpgsql AS $function$
DECLARE
    v_model integer;
BEGIN
    SELECT m.model_id INTO v_model FROM winnow.model_versions AS m
    WHERE m.name = p_name AND m.version = p_version AND m.weights_hash = p_hash
        AND m.sentiment_labels = p_sentiments AND m.topic_labels = p_topics;
    IF NOT FOUND THEN
        -- The update of nothing waits for another instance that writes the same row, and returns its number.
        INSERT INTO winnow.model_versions AS m (name, version, weights_hash, sentiment_labels, topic_labels)
        VALUES (p_name, p_version, p_hash, p_sentiments, p_topics)
        ON CONFLICT (name, version, weights_hash, sentiment_labels, topic_labels) DO UPDATE SET name = excluded.name
        RETURNING m.model_id INTO v_model;
    END IF;
    RETURN v_model;
END
$function$;
COMMENT ON FUNCTION winnow.model_id_v1 IS 'The number of a model, made where it is new.';

-- p_post_* one element a post; p_entity_post is an ordinal of them; p_topic, p_partition and p_next_offset name Kafka
-- positions; p_outcome and p_count are what was decided before. Answers with the outcomes of the posts; one row `fenced`:
-- another process has gone on with this replay.
CREATE FUNCTION winnow.write_replay_v1(
    p_replay bigint, p_expected bigint, p_done bigint, p_adopts boolean,
    p_next_post bigint, p_topic text[], p_partition integer[], p_next_offset bigint[],
    p_outcome text[], p_count bigint[],
    p_model_name text, p_model_version text, p_model_hash text, p_model_sentiments text[], p_model_topics text[],
    p_post_id bigint[], p_post_time timestamptz[], p_post_platform text[], p_post_key text[],
    p_post_version text[], p_post_scope text[], p_post_kept real[], p_post_sentiment text[], p_post_sentiment_scores text[],
    p_post_topic text[], p_post_topic_scores text[], p_post_dropped text[],
    p_entity_post integer[], p_entity_type text[], p_entity_name text[], p_entity_normalized text[],
    p_entity_start integer[], p_entity_length integer[], p_entity_score real[]
) RETURNS TABLE (outcome text, count bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    v_model    integer;
    v_outcomes text[] := array_fill('gone'::text, ARRAY[cardinality(p_post_id)]);
    v_chosen   integer[] := '{}';
    v_row      record;
BEGIN
    PERFORM FROM winnow.replays AS r
    WHERE r.replay_id = p_replay AND r.done = p_expected AND r.finished_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'fenced', 0::bigint;
        RETURN;
    END IF;

    FOR v_row IN
        SELECT e.ordinal, k.state = 'live' AND k.post_id = e.id AND k.partition_time = e.moment AS is_there,
               k.version = e.version AND k.version_scope = e.scope AS is_same
        FROM unnest(p_post_id, p_post_time, p_post_platform, p_post_key, p_post_version, p_post_scope)
            WITH ORDINALITY AS e(id, moment, platform, key, version, scope, ordinal)
        JOIN winnow.post_keys AS k ON k.platform = e.platform AND k.key = e.key
        ORDER BY k.platform, k.key
        FOR UPDATE OF k
    LOOP
        IF v_row.is_there AND v_row.is_same THEN
            v_outcomes[v_row.ordinal] := CASE WHEN p_adopts THEN 'adopted' ELSE 'written' END;
            v_chosen := v_chosen || v_row.ordinal::integer;
        ELSIF v_row.is_there THEN
            v_outcomes[v_row.ordinal] := 'changed';
        END IF;
    END LOOP;

    IF cardinality(v_chosen) > 0 THEN
        v_model := winnow.model_id_v1(p_model_name, p_model_version, p_model_hash, p_model_sentiments, p_model_topics);
    END IF;
    IF p_adopts AND cardinality(v_chosen) > 0 THEN
        UPDATE winnow.posts AS p
        SET model_id = v_model, kept_share = p_post_kept[c.ordinal], sentiment = p_post_sentiment[c.ordinal],
            sentiment_scores = p_post_sentiment_scores[c.ordinal]::real[], topic = p_post_topic[c.ordinal],
            topic_scores = p_post_topic_scores[c.ordinal]::real[], dropped = p_post_dropped[c.ordinal]::integer[]
        FROM unnest(v_chosen) AS c(ordinal)
        WHERE p.post_id = p_post_id[c.ordinal] AND p.partition_time = p_post_time[c.ordinal];
        DELETE FROM winnow.entities AS t USING unnest(v_chosen) AS c(ordinal)
        WHERE t.post_id = p_post_id[c.ordinal] AND t.partition_time = p_post_time[c.ordinal];
        INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
        SELECT p_post_id[e.post], p_post_time[e.post], e.start, e.length, e.score, e.type, e.name, e.normalized
        FROM unnest(p_entity_post, p_entity_start, p_entity_length, p_entity_score, p_entity_type, p_entity_name,
                    p_entity_normalized) AS e(post, start, length, score, type, name, normalized)
        WHERE v_outcomes[e.post] = 'adopted';
        -- What this model said beside is now what the post says.
        DELETE FROM winnow.enrichments AS t USING unnest(v_chosen) AS c(ordinal)
        WHERE t.post_id = p_post_id[c.ordinal] AND t.partition_time = p_post_time[c.ordinal] AND t.model_id = v_model;
    ELSIF cardinality(v_chosen) > 0 THEN
        INSERT INTO winnow.enrichments AS t (post_id, partition_time, model_id, kept_share, sentiment, topic,
            sentiment_scores, topic_scores, dropped, entities)
        SELECT p_post_id[c.ordinal], p_post_time[c.ordinal], v_model, p_post_kept[c.ordinal], p_post_sentiment[c.ordinal],
            p_post_topic[c.ordinal], p_post_sentiment_scores[c.ordinal]::real[], p_post_topic_scores[c.ordinal]::real[],
            p_post_dropped[c.ordinal]::integer[], coalesce(m.mentions, '[]')
        FROM unnest(v_chosen) AS c(ordinal)
        LEFT JOIN (
            SELECT e.post, jsonb_agg(jsonb_build_object('type', e.type, 'name', e.name, 'normalized_name', e.normalized,
                       'start', e.start, 'length', e.length, 'score', e.score) ORDER BY e.start, e.length) AS mentions
            FROM unnest(p_entity_post, p_entity_start, p_entity_length, p_entity_score, p_entity_type, p_entity_name,
                        p_entity_normalized) AS e(post, start, length, score, type, name, normalized)
            GROUP BY e.post) AS m ON m.post = c.ordinal
        ON CONFLICT (post_id, model_id, partition_time) DO UPDATE
        SET kept_share = excluded.kept_share, enriched_at = now(), sentiment = excluded.sentiment, topic = excluded.topic,
            sentiment_scores = excluded.sentiment_scores, topic_scores = excluded.topic_scores,
            dropped = excluded.dropped, entities = excluded.entities;
    END IF;

    INSERT INTO winnow.replay_outcomes AS o (replay_id, outcome, count)
    SELECT p_replay, d.outcome, sum(d.count)
    FROM (SELECT w.outcome, 1::bigint AS count FROM unnest(v_outcomes) AS w(outcome)
          UNION ALL SELECT w.outcome, w.count FROM unnest(p_outcome, p_count) AS w(outcome, count)) AS d
    GROUP BY 2 ORDER BY 2
    ON CONFLICT (replay_id, outcome) DO UPDATE SET count = o.count + excluded.count;
    UPDATE winnow.replay_partitions AS t SET next_offset = w.next_offset
    FROM unnest(p_topic, p_partition, p_next_offset) AS w(topic, partition, next_offset)
    WHERE t.replay_id = p_replay AND t.topic = w.topic AND t.partition = w.partition;
    UPDATE winnow.replays AS r
    SET done = r.done + p_done, next_post = coalesce(p_next_post, r.next_post), updated_at = now()
    WHERE r.replay_id = p_replay;
    RETURN QUERY SELECT w.outcome, count(*) FROM unnest(v_outcomes) AS w(outcome) GROUP BY 1;
END
$function$;
COMMENT ON FUNCTION winnow.write_replay_v1 IS 'Rows, counts and position of one batch of a replay, or nothing where it is fenced.';
