-- The delivery of 0027 with the rules of 0028: a post from before a purge is refused whenever it comes, one from after it is not;
-- a tombstone of a purge compares as a living post does. What it takes and answers is the same.
CREATE OR REPLACE FUNCTION winnow.deliver_v2(
    p_group text,
    p_slice_topic text[], p_slice_partition integer[], p_slice_token text[], p_slice_expected bigint[],
    p_slice_new bigint[], p_slice_received timestamptz[],
    p_count_slice integer[], p_count_outcome text[], p_count_reason text[], p_count_count bigint[],
    p_gate_bucket integer[], p_gate_exclusive boolean[],
    p_model_name text[], p_model_version text[], p_model_hash text[], p_model_sentiments text[], p_model_topics text[],
    p_steps integer,
    p_event_step integer[], p_event_kind text[], p_event_slice integer[], p_event_record integer[], p_event_offset bigint[],
    p_event_platform text[], p_event_key text[], p_event_version text[], p_event_scope text[], p_event_account text[],
    p_event_received timestamptz[],
    p_post_model integer[], p_post_created timestamptz[], p_post_language text[], p_post_text text[],
    p_post_reply_to text[], p_post_reply_root text[], p_post_repost_of text[], p_post_quote_of text[],
    p_post_sentiment text[], p_post_sentiment_scores text[], p_post_topic text[], p_post_topic_scores text[],
    p_post_kept real[], p_post_dropped text[],
    p_entity_event integer[], p_entity_type text[], p_entity_name text[], p_entity_normalized text[],
    p_entity_start integer[], p_entity_length integer[], p_entity_score real[],
    p_account_step integer[], p_account_slice integer[], p_account_record integer[], p_account_kind text[],
    p_account_platform text[],
    p_account_account text[], p_account_version text[], p_account_scope text[],
    p_dead_step integer[], p_dead_slice integer[], p_dead_offset bigint[], p_dead_received timestamptz[],
    p_dead_reason text[], p_dead_detail text[], p_dead_platform text[], p_dead_key text[], p_dead_account text[],
    p_dead_record_key bytea[], p_dead_payload bytea[]
) RETURNS TABLE (kind text, slice integer, outcome text, count bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    v_progress        integer[] := array_fill(NULL::integer, ARRAY[cardinality(p_slice_topic)]);
    v_models          integer[];
    v_model           integer;
    v_locked          integer := 0;
    v_events          integer := cardinality(p_event_step);
    v_ids             bigint[];
    v_times           timestamptz[];
    v_outcomes        text[] := array_fill(NULL::text, ARRAY[cardinality(p_event_step)]);
    v_account_outcomes text[] := array_fill(NULL::text, ARRAY[cardinality(p_account_step)]);
    v_some_purged     boolean;
    v_expected        integer;
    v_made            integer;
    v_gone            bigint[];
    v_gone_times      timestamptz[];
    v_changed         integer[];
    v_row             record;
    v_kinds           CONSTANT text[] := ARRAY['inserted', 'edited', 'deleted', 'hidden', 'superseded'];
BEGIN
    -- The fence: my token, and the offset that I expect; sorted, so that two deliveries never lock crosswise.
    FOR v_row IN
        SELECT p.progress_id, w.slice
        FROM unnest(p_slice_topic, p_slice_partition, p_slice_token, p_slice_expected)
            WITH ORDINALITY AS w(topic, partition, token, expected, slice)
        JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = w.topic AND p.partition = w.partition
        WHERE p.claim_token::text = w.token AND p.next_offset = w.expected
        ORDER BY p.topic, p.partition
        FOR UPDATE OF p
    LOOP
        v_progress[v_row.slice] := v_row.progress_id;
        v_locked := v_locked + 1;
    END LOOP;
    IF v_locked < cardinality(p_slice_topic) THEN
        RETURN QUERY SELECT 'fenced', w.slice::integer, '', 0::bigint
                     FROM unnest(v_progress) WITH ORDINALITY AS w(progress, slice) WHERE w.progress IS NULL;
        RETURN;
    END IF;

    -- A purge and a create of the same account, on two instances, happen one after the other.
    FOR i IN 1 .. cardinality(p_gate_bucket) LOOP
        IF p_gate_exclusive[i] THEN
            PERFORM pg_advisory_xact_lock(2003659374, p_gate_bucket[i]);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(2003659374, p_gate_bucket[i]);
        END IF;
    END LOOP;

    FOR i IN 1 .. cardinality(p_model_name) LOOP
        SELECT m.model_id INTO v_model FROM winnow.model_versions AS m
        WHERE m.name = p_model_name[i] AND m.version = p_model_version[i] AND m.weights_hash = p_model_hash[i]
            AND m.sentiment_labels = string_to_array(p_model_sentiments[i], E'\x1f')
            AND m.topic_labels = string_to_array(p_model_topics[i], E'\x1f');
        IF NOT FOUND THEN
            -- The update of nothing waits for another instance that writes the same row, and returns its number.
            INSERT INTO winnow.model_versions AS m (name, version, weights_hash, sentiment_labels, topic_labels)
            VALUES (p_model_name[i], p_model_version[i], p_model_hash[i],
                    string_to_array(p_model_sentiments[i], E'\x1f'), string_to_array(p_model_topics[i], E'\x1f'))
            ON CONFLICT (name, version, weights_hash, sentiment_labels, topic_labels)
                DO UPDATE SET name = excluded.name
            RETURNING m.model_id INTO v_model;
        END IF;
        v_models[i] := v_model;
    END LOOP;

    SELECT array_agg(NULL::bigint ORDER BY e.ordinal), array_agg(winnow.partition_time(e.received) ORDER BY e.ordinal)
    INTO v_ids, v_times
    FROM unnest(p_event_received) WITH ORDINALITY AS e(received, ordinal);

    FOR v_step IN 1 .. p_steps LOOP
        INSERT INTO winnow.dead_letters (source_topic, source_partition, consumer_group, source_offset, received_at,
            reason, detail, platform, key, account, record_key, payload, is_counted)
        SELECT p_slice_topic[d.slice], p_slice_partition[d.slice], p_group, d.source_offset, d.received,
            d.reason, d.detail, d.platform, d.key, d.account,
            CASE WHEN d.is_gone THEN NULL ELSE d.record_key END, CASE WHEN d.is_gone THEN NULL ELSE d.payload END,
            d.is_first
        FROM (SELECT d.*,
                 EXISTS (SELECT FROM winnow.post_keys AS k
                         WHERE k.platform = d.platform AND k.key = d.key AND k.state = 'deleted')
                 OR EXISTS (SELECT FROM winnow.accounts AS a
                            WHERE a.platform = d.platform AND a.account = d.account AND a.state = 'purged') AS is_gone
              FROM (SELECT d.*, row_number() OVER (PARTITION BY d.slice, d.source_offset ORDER BY d.ordinal) = 1 AS is_first
                    FROM unnest(p_dead_step, p_dead_slice, p_dead_offset, p_dead_received, p_dead_reason, p_dead_detail,
                                p_dead_platform, p_dead_key, p_dead_account, p_dead_record_key, p_dead_payload)
                        WITH ORDINALITY AS d(step, slice, source_offset, received, reason, detail, platform, key, account,
                                             record_key, payload, ordinal)) AS d
              WHERE d.step = v_step) AS d;

        SELECT count(*) INTO v_expected FROM unnest(p_event_step) AS e(step) WHERE e.step = v_step;
        IF v_expected > 0 THEN
            -- Numbers are drawn step by step: what comes after a purge has a greater one than all that it took.
            SELECT array_agg(CASE WHEN e.step = v_step THEN nextval('winnow.post_ids') ELSE e.id END ORDER BY e.ordinal)
            INTO v_ids
            FROM unnest(p_event_step, v_ids) WITH ORDINALITY AS e(step, id, ordinal);

            -- A purge that is still being carried out has happened, for every post that an event asks about.
            IF EXISTS (SELECT FROM winnow.pending_purges) THEN
                PERFORM winnow.settle_purges_v1(v_step, p_event_step, p_event_platform, p_event_key);
            END IF;

            -- Upserts from before a purge become tombstones (r). What cannot be compared is refused while the account is purged.
            SELECT EXISTS (SELECT FROM winnow.accounts AS a WHERE a.purge_version IS NOT NULL) INTO v_some_purged;
            IF v_some_purged THEN
                FOR v_row IN
                    SELECT e.ordinal
                    FROM unnest(p_event_step, p_event_kind, p_event_platform, p_event_account, p_event_version, p_event_scope)
                        WITH ORDINALITY AS e(step, kind, platform, account, version, scope, ordinal)
                    JOIN winnow.accounts AS a
                        ON a.platform = e.platform AND a.account = e.account AND a.purge_version IS NOT NULL
                    WHERE e.step = v_step AND e.kind = 'u'
                        AND coalesce(winnow.is_before_purge(e.version, e.scope, a.purge_version, a.purge_version_scope),
                                     a.state = 'purged')
                LOOP
                    p_event_kind[v_row.ordinal] := 'r';
                END LOOP;
            END IF;

            -- Whoever makes the key row first decides; another instance's uncommitted row is waited for here.
            INSERT INTO winnow.post_keys (post_id, partition_time, platform, key, state, version, version_scope, account,
                deleted_at, is_purged)
            SELECT e.id, e.moment, e.platform, e.key, CASE WHEN e.kind = 'u' THEN 'live' ELSE 'deleted' END,
                   e.version, e.scope, e.account, CASE WHEN e.kind <> 'u' THEN now() END, e.kind = 'r'
            FROM unnest(v_ids, v_times, p_event_step, p_event_kind, p_event_platform, p_event_key, p_event_version,
                        p_event_scope, p_event_account)
                AS e(id, moment, step, kind, platform, key, version, scope, account)
            WHERE e.step = v_step
            ORDER BY e.platform COLLATE "C", e.key COLLATE "C"
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS v_made = ROW_COUNT;

            v_gone := '{}';
            v_gone_times := '{}';
            v_changed := '{}';
            IF v_made < v_expected THEN
                FOR v_row IN
                    SELECT e.ordinal, e.kind, e.id AS new_id, k.post_id, k.partition_time, k.state = 'live' AS is_live, k.is_purged,
                           e.scope = k.version_scope AS same_scope,
                           (e.version COLLATE "C", e.scope COLLATE "C") > (k.version, k.version_scope) AS is_newer,
                           e.version COLLATE "C" < k.version AS is_older
                    FROM unnest(v_ids, p_event_step, p_event_kind, p_event_platform, p_event_key, p_event_version,
                                p_event_scope)
                        WITH ORDINALITY AS e(id, step, kind, platform, key, version, scope, ordinal)
                    JOIN winnow.post_keys AS k ON k.platform = e.platform AND k.key = e.key
                    WHERE e.step = v_step AND k.post_id <> e.id
                    ORDER BY k.platform, k.key
                    FOR UPDATE OF k
                LOOP
                    v_made := v_made + 1;
                    v_outcomes[v_row.ordinal] := 'superseded';
                    v_ids[v_row.ordinal] := NULL;
                    IF v_row.kind = 'u' AND v_row.is_live AND v_row.is_newer THEN
                        v_outcomes[v_row.ordinal] := 'edited';
                        v_ids[v_row.ordinal] := v_row.post_id;
                        v_times[v_row.ordinal] := v_row.partition_time;
                    ELSIF v_row.kind = 'u' AND (v_row.is_purged OR v_row.same_scope) AND v_row.is_newer THEN
                        v_outcomes[v_row.ordinal] := 'inserted';
                        v_ids[v_row.ordinal] := v_row.new_id;
                    ELSIF v_row.kind = 'd' AND v_row.is_live AND NOT (v_row.same_scope AND v_row.is_older) THEN
                        v_outcomes[v_row.ordinal] := 'deleted';
                    ELSIF v_row.kind = 'd' AND v_row.is_purged AND NOT (v_row.same_scope AND v_row.is_older) THEN
                        NULL;
                    ELSIF v_row.kind = 'd' AND NOT v_row.is_live AND v_row.is_newer THEN
                        NULL;
                    ELSIF v_row.kind = 'r' AND (v_row.is_live OR v_row.is_purged OR v_row.same_scope) AND v_row.is_newer THEN
                        NULL;
                    ELSE
                        CONTINUE;
                    END IF;
                    v_changed := v_changed || v_row.ordinal::integer;
                    IF v_row.is_live THEN
                        v_gone := v_gone || v_row.post_id;
                        v_gone_times := v_gone_times || v_row.partition_time;
                    END IF;
                END LOOP;
                IF v_made < v_expected THEN
                    RAISE EXCEPTION 'a key was dropped by retention while it was being read' USING ERRCODE = '40001';
                END IF;
                UPDATE winnow.post_keys AS k
                SET version = p_event_version[c.ordinal], version_scope = p_event_scope[c.ordinal],
                    state = CASE WHEN p_event_kind[c.ordinal] = 'u' THEN 'live' ELSE 'deleted' END,
                    account = coalesce(p_event_account[c.ordinal], k.account),
                    post_id = coalesce(v_ids[c.ordinal], k.post_id),
                    deleted_at = CASE WHEN p_event_kind[c.ordinal] <> 'u' THEN now() END,
                    is_purged = p_event_kind[c.ordinal] = 'r',
                    partition_time = CASE WHEN p_event_kind[c.ordinal] = 'u' THEN v_times[c.ordinal] ELSE k.partition_time END
                FROM unnest(v_changed) AS c(ordinal)
                WHERE k.platform = p_event_platform[c.ordinal] AND k.key = p_event_key[c.ordinal];
                IF cardinality(v_gone) > 0 THEN
                    PERFORM winnow.remove_posts_v1(v_gone, v_gone_times);
                END IF;
            END IF;

            IF 'd' = ANY (p_event_kind) THEN
                DELETE FROM winnow.dead_letters AS d
                USING unnest(p_event_step, p_event_kind, p_event_platform, p_event_key, v_outcomes)
                    AS e(step, kind, platform, key, outcome)
                WHERE e.step = v_step AND e.kind = 'd' AND e.outcome IS DISTINCT FROM 'superseded'
                    AND left(d.key, 200) = left(e.key, 200) AND d.key = e.key AND d.platform = e.platform;
            END IF;

            INSERT INTO winnow.posts (post_id, partition_time, received_at, created_at, source_offset, source_partition,
                model_id, kept_share, source_topic, platform, key, author, language, sentiment, topic,
                sentiment_scores, topic_scores, dropped, reply_to, reply_root, repost_of, quote_of, text)
            SELECT e.id, e.moment, e.received, e.created, e.source_offset, p_slice_partition[e.slice],
                v_models[e.model], e.kept, p_slice_topic[e.slice], e.platform, e.key, e.account, e.language, e.sentiment,
                e.topic, e.sentiment_scores::real[], e.topic_scores::real[], e.dropped::integer[],
                e.reply_to, e.reply_root, e.repost_of, e.quote_of, e.content
            FROM unnest(v_ids, v_times, p_event_step, p_event_kind, p_event_slice, p_event_offset, p_event_platform,
                        p_event_key, p_event_account, p_event_received, p_post_model, p_post_created, p_post_language,
                        p_post_text, p_post_reply_to, p_post_reply_root, p_post_repost_of, p_post_quote_of,
                        p_post_sentiment, p_post_sentiment_scores, p_post_topic, p_post_topic_scores, p_post_kept,
                        p_post_dropped)
                AS e(id, moment, step, kind, slice, source_offset, platform, key, account, received, model, created,
                     language, content, reply_to, reply_root, repost_of, quote_of, sentiment, sentiment_scores, topic,
                     topic_scores, kept, dropped)
            WHERE e.step = v_step AND e.kind = 'u' AND e.id IS NOT NULL;

            INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
            SELECT v_ids[e.event], v_times[e.event], e.start, e.length, e.score, e.type, e.name, e.normalized
            FROM unnest(p_entity_event, p_entity_start, p_entity_length, p_entity_score, p_entity_type, p_entity_name,
                        p_entity_normalized) AS e(event, start, length, score, type, name, normalized)
            WHERE p_event_step[e.event] = v_step AND p_event_kind[e.event] = 'u' AND v_ids[e.event] IS NOT NULL;
        END IF;

        FOR v_row IN
            SELECT a.ordinal, a.kind, a.platform, a.account, a.version, a.scope
            FROM unnest(p_account_step, p_account_kind, p_account_platform, p_account_account, p_account_version,
                        p_account_scope) WITH ORDINALITY AS a(step, kind, platform, account, version, scope, ordinal)
            WHERE a.step = v_step
            ORDER BY a.platform COLLATE "C", a.account COLLATE "C"
        LOOP
            v_account_outcomes[v_row.ordinal] := winnow.apply_account_event_v1(
                v_row.kind, v_row.platform, v_row.account, v_row.version, v_row.scope);
        END LOOP;
    END LOOP;

    UPDATE winnow.partition_progress AS p
    SET next_offset = w.new_offset, updated_at = now(),
        last_received_at = coalesce(w.received, p.last_received_at),
        suspect_offset = CASE WHEN p.suspect_offset >= w.new_offset THEN p.suspect_offset END,
        suspect_attempts = CASE WHEN p.suspect_offset >= w.new_offset THEN p.suspect_attempts ELSE 0 END
    FROM unnest(v_progress, p_slice_new, p_slice_received) AS w(progress, new_offset, received)
    WHERE p.progress_id = w.progress;

    RETURN QUERY
        WITH decided AS (
            SELECT r.slice, v_kinds[r.rank] AS outcome, '' AS reason, count(*) AS count, true AS is_news
            FROM (SELECT e.slice, min(array_position(v_kinds, e.outcome)) AS rank
                  FROM (SELECT e.slice, e.record, coalesce(e.outcome,
                            CASE e.kind WHEN 'u' THEN 'inserted' WHEN 'd' THEN 'deleted' ELSE 'superseded' END) AS outcome
                        FROM unnest(p_event_slice, p_event_record, p_event_kind, v_outcomes) AS e(slice, record, kind, outcome)
                        UNION ALL
                        SELECT a.slice, a.record, a.outcome
                        FROM unnest(p_account_slice, p_account_record, v_account_outcomes) AS a(slice, record, outcome)) AS e
                  WHERE e.record IS NOT NULL
                  GROUP BY e.slice, e.record) AS r
            GROUP BY 1, 2
            UNION ALL
            SELECT c.slice, c.outcome, c.reason, c.count, false
            FROM unnest(p_count_slice, p_count_outcome, p_count_reason, p_count_count) AS c(slice, outcome, reason, count)
        ), counted AS (
            INSERT INTO winnow.partition_outcomes AS o (progress_id, outcome, reason, count)
            SELECT v_progress[d.slice], d.outcome, d.reason, sum(d.count)
            FROM decided AS d GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (progress_id, outcome, reason) DO UPDATE SET count = o.count + excluded.count
        )
        SELECT 'counted', d.slice, d.outcome, sum(d.count)::bigint
        FROM decided AS d WHERE d.is_news GROUP BY d.slice, d.outcome;
END
$function$;

-- For instances that send one document a record: each event is a record of its own.
CREATE OR REPLACE FUNCTION winnow.deliver_v1(
    p_group text,
    p_slice_topic text[], p_slice_partition integer[], p_slice_token text[], p_slice_expected bigint[],
    p_slice_new bigint[], p_slice_received timestamptz[],
    p_count_slice integer[], p_count_outcome text[], p_count_reason text[], p_count_count bigint[],
    p_gate_bucket integer[], p_gate_exclusive boolean[],
    p_model_name text[], p_model_version text[], p_model_hash text[], p_model_sentiments text[], p_model_topics text[],
    p_steps integer,
    p_event_step integer[], p_event_kind text[], p_event_slice integer[], p_event_offset bigint[],
    p_event_platform text[], p_event_key text[], p_event_version text[], p_event_scope text[], p_event_account text[],
    p_event_received timestamptz[],
    p_post_model integer[], p_post_created timestamptz[], p_post_language text[], p_post_text text[],
    p_post_reply_to text[], p_post_reply_root text[], p_post_repost_of text[], p_post_quote_of text[],
    p_post_sentiment text[], p_post_sentiment_scores text[], p_post_topic text[], p_post_topic_scores text[],
    p_post_kept real[], p_post_dropped text[],
    p_entity_event integer[], p_entity_type text[], p_entity_name text[], p_entity_normalized text[],
    p_entity_start integer[], p_entity_length integer[], p_entity_score real[],
    p_account_step integer[], p_account_slice integer[], p_account_kind text[], p_account_platform text[],
    p_account_account text[], p_account_version text[], p_account_scope text[],
    p_dead_step integer[], p_dead_slice integer[], p_dead_offset bigint[], p_dead_received timestamptz[],
    p_dead_reason text[], p_dead_detail text[], p_dead_platform text[], p_dead_key text[], p_dead_account text[],
    p_dead_record_key bytea[], p_dead_payload bytea[]
) RETURNS TABLE (kind text, slice integer, outcome text, count bigint)
LANGUAGE plpgsql AS $function$
BEGIN
    RETURN QUERY SELECT d.kind, d.slice, d.outcome, d.count FROM winnow.deliver_v2(
        p_group, p_slice_topic, p_slice_partition, p_slice_token, p_slice_expected, p_slice_new, p_slice_received,
        p_count_slice, p_count_outcome, p_count_reason, p_count_count, p_gate_bucket, p_gate_exclusive, p_model_name,
        p_model_version, p_model_hash, p_model_sentiments, p_model_topics, p_steps, p_event_step, p_event_kind,
        p_event_slice, ARRAY(SELECT n FROM generate_series(1, cardinality(p_event_step)) AS n), p_event_offset,
        p_event_platform, p_event_key, p_event_version, p_event_scope, p_event_account, p_event_received, p_post_model,
        p_post_created, p_post_language, p_post_text, p_post_reply_to, p_post_reply_root, p_post_repost_of,
        p_post_quote_of, p_post_sentiment, p_post_sentiment_scores, p_post_topic, p_post_topic_scores, p_post_kept,
        p_post_dropped, p_entity_event, p_entity_type, p_entity_name, p_entity_normalized, p_entity_start,
        p_entity_length, p_entity_score, p_account_step, p_account_slice,
        ARRAY(SELECT cardinality(p_event_step) + n FROM generate_series(1, cardinality(p_account_step)) AS n),
        p_account_kind, p_account_platform, p_account_account, p_account_version, p_account_scope, p_dead_step,
        p_dead_slice, p_dead_offset, p_dead_received, p_dead_reason, p_dead_detail, p_dead_platform, p_dead_key,
        p_dead_account, p_dead_record_key, p_dead_payload) AS d;
END
$function$;
