-- Taking dead letters in again. One transaction, in this order: begin_redrive_v1, deliver_v1, end_redrive_v1.
--
-- deliver_v1 runs for a group of its own, the shadow, whose progress rows exist within the transaction only: it merges as
-- always, and its counts are read off the shadow and given to the real partition. The real progress rows are locked first,
-- as every delivery does, and are not changed: no offset moves, so there is nothing to fence, and an owner that asks what
-- became of a COMMIT finds its token and offset as it left them.
-- Dead letters are never waited for: a delete on its way holds the key and wants the letter, a redrive the other way round.

CREATE FUNCTION winnow.begin_redrive_v1(
    p_group text, p_shadow text, p_token text, p_topic text[], p_partition integer[], p_letter bigint[], p_tries integer[]
) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    v_found bigint;
BEGIN
    PERFORM FROM (
        SELECT p.progress_id
        FROM unnest(p_topic, p_partition) AS w(topic, partition)
        JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = w.topic AND p.partition = w.partition
        ORDER BY p.topic, p.partition
        FOR UPDATE OF p) AS locked;
    -- Two redrives of one partition come one after the other from here on, even where it has no progress row.
    INSERT INTO winnow.partition_progress (consumer_group, topic, partition, first_offset, next_offset, claim_token)
    SELECT p_shadow, w.topic, w.partition, 0, 0, p_token::uuid
    FROM unnest(p_topic, p_partition) AS w(topic, partition)
    ORDER BY w.topic COLLATE "C", w.partition;
    SELECT count(*) INTO v_found
    FROM unnest(p_letter, p_tries) AS w(letter, tries)
    JOIN winnow.dead_letters AS d ON d.dead_letter_id = w.letter AND d.redrive_count = w.tries;
    IF v_found < cardinality(p_letter) THEN
        RAISE EXCEPTION 'a dead letter was taken by somebody else' USING ERRCODE = '40001';
    END IF;
END
$function$;

CREATE FUNCTION winnow.end_redrive_v1(
    p_group text, p_shadow text, p_is_counted boolean, p_may_be_gone boolean,
    p_taken bigint[], p_taken_topic text[], p_taken_partition integer[], p_taken_reason text[],
    p_refused bigint[], p_refused_reason text[], p_refused_detail text[],
    p_refused_platform text[], p_refused_key text[], p_refused_account text[]
) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    v_counted bigint;
    v_deleted bigint;
    v_locked  bigint;
    v_row     record;
BEGIN
    SELECT coalesce(sum(o.count), 0) INTO v_counted
    FROM winnow.partition_progress AS s JOIN winnow.partition_outcomes AS o USING (progress_id)
    WHERE s.consumer_group = p_shadow;
    IF v_counted <> cardinality(p_taken) THEN
        RAISE EXCEPTION 'a redrive of % letters has % outcomes', cardinality(p_taken), v_counted USING ERRCODE = 'XX000';
    END IF;

    SELECT count(*) INTO v_locked FROM (
        SELECT FROM winnow.dead_letters AS d WHERE d.dead_letter_id = ANY (p_refused)
        ORDER BY d.dead_letter_id FOR UPDATE SKIP LOCKED) AS l;
    DELETE FROM winnow.dead_letters AS d WHERE d.dead_letter_id IN (
        SELECT e.dead_letter_id FROM winnow.dead_letters AS e WHERE e.dead_letter_id = ANY (p_taken)
        ORDER BY e.dead_letter_id FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    -- A delete or purge that was taken in again removes the letters of its post, itself among them.
    IF v_locked < cardinality(p_refused) OR (v_deleted < cardinality(p_taken) AND NOT p_may_be_gone)
        OR EXISTS (SELECT FROM winnow.dead_letters AS d WHERE d.dead_letter_id = ANY (p_taken)) THEN
        RAISE EXCEPTION 'a dead letter was taken by somebody else' USING ERRCODE = '40001';
    END IF;

    IF p_is_counted THEN
        FOR v_row IN
            SELECT p.progress_id, t.reason, count(*) AS number
            FROM unnest(p_taken_topic, p_taken_partition, p_taken_reason) AS t(topic, partition, reason)
            JOIN winnow.partition_progress AS p
                ON p.consumer_group = p_group AND p.topic = t.topic AND p.partition = t.partition
            GROUP BY 1, 2 ORDER BY 1, 2
        LOOP
            PERFORM winnow.uncount_dead_v1(v_row.progress_id, v_row.reason, v_row.number);
        END LOOP;
        INSERT INTO winnow.partition_outcomes AS o (progress_id, outcome, reason, count)
        SELECT p.progress_id, n.outcome, n.reason, n.count
        FROM winnow.partition_progress AS s
        JOIN winnow.partition_outcomes AS n ON n.progress_id = s.progress_id
        JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = s.topic AND p.partition = s.partition
        WHERE s.consumer_group = p_shadow
        ORDER BY 1, 2, 3
        ON CONFLICT (progress_id, outcome, reason) DO UPDATE SET count = o.count + excluded.count;
    END IF;

    FOR v_row IN
        SELECT p.progress_id, d.reason AS old_reason, r.reason AS new_reason, count(*) AS number
        FROM unnest(p_refused, p_refused_reason) AS r(letter, reason)
        JOIN winnow.dead_letters AS d ON d.dead_letter_id = r.letter AND d.is_counted AND d.reason <> r.reason
        JOIN winnow.partition_progress AS p
            ON p.consumer_group = p_group AND p.topic = d.source_topic AND p.partition = d.source_partition
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    LOOP
        PERFORM winnow.uncount_dead_v1(v_row.progress_id, v_row.old_reason, v_row.number);
        INSERT INTO winnow.partition_outcomes AS o (progress_id, outcome, reason, count)
        VALUES (v_row.progress_id, 'dead', v_row.new_reason, v_row.number)
        ON CONFLICT (progress_id, outcome, reason) DO UPDATE SET count = o.count + excluded.count;
    END LOOP;
    -- Ids that can be read now may be those of a post that is gone.
    UPDATE winnow.dead_letters AS d
    SET redrive_count = d.redrive_count + 1, redriven_at = now(), reason = r.reason, detail = r.detail,
        platform = coalesce(r.platform, d.platform), key = coalesce(r.key, d.key), account = coalesce(r.account, d.account),
        record_key = CASE WHEN r.is_gone THEN NULL ELSE d.record_key END,
        payload = CASE WHEN r.is_gone THEN NULL ELSE d.payload END
    FROM (SELECT r.*,
             EXISTS (SELECT FROM winnow.post_keys AS k
                     WHERE k.platform = r.platform AND k.key = r.key AND k.state = 'deleted')
             OR EXISTS (SELECT FROM winnow.accounts AS a
                        WHERE a.platform = r.platform AND a.account = r.account AND a.state = 'purged') AS is_gone
          FROM unnest(p_refused, p_refused_reason, p_refused_detail, p_refused_platform, p_refused_key, p_refused_account)
              AS r(letter, reason, detail, platform, key, account)) AS r
    WHERE d.dead_letter_id = r.letter;

    DELETE FROM winnow.partition_progress AS s WHERE s.consumer_group = p_shadow;
END
$function$;
COMMENT ON FUNCTION winnow.end_redrive_v1 IS
    'After deliver_v1 of the shadow group: letters go or stay with one try more, their counts move. 40001: read them again.';

CREATE FUNCTION winnow.uncount_dead_v1(p_progress integer, p_reason text, p_number bigint) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE winnow.partition_outcomes AS o SET count = o.count - p_number
    WHERE o.progress_id = p_progress AND o.outcome = 'dead' AND o.reason = p_reason AND o.count >= p_number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'fewer dead records are counted than are taken in again' USING ERRCODE = 'XX000';
    END IF;
    DELETE FROM winnow.partition_outcomes AS o
    WHERE o.progress_id = p_progress AND o.outcome = 'dead' AND o.reason = p_reason AND o.count = 0;
END
$function$;
