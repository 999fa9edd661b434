-- Dead letters as something to work on: whether their outcome is counted, how often they were tried again, expiry.
ALTER TABLE winnow.dead_letters
    ADD COLUMN is_counted boolean NOT NULL DEFAULT true,
    ADD COLUMN redrive_count integer NOT NULL DEFAULT 0,
    ADD COLUMN redriven_at timestamptz;
COMMENT ON COLUMN winnow.dead_letters.is_counted IS
    'The record is counted as dead in partition_outcomes: false once the counts of its partition began anew.';
COMMENT ON COLUMN winnow.dead_letters.redrive_count IS 'How often it was taken in again without success.';
COMMENT ON COLUMN winnow.dead_letters.redriven_at IS 'When it was taken in again last; null: never.';

-- Letters from before the counts began anew are counted no more; of two at one place the newer one is.
UPDATE winnow.dead_letters AS d SET is_counted = false
WHERE NOT EXISTS (SELECT FROM winnow.partition_progress AS p
                  WHERE p.consumer_group = d.consumer_group AND p.topic = d.source_topic
                      AND p.partition = d.source_partition
                      AND d.source_offset >= p.first_offset AND d.source_offset < p.next_offset)
    OR EXISTS (SELECT FROM winnow.dead_letters AS n
               WHERE n.consumer_group = d.consumer_group AND n.source_topic = d.source_topic
                   AND n.source_partition = d.source_partition AND n.source_offset = d.source_offset
                   AND n.dead_letter_id > d.dead_letter_id);
-- Where there are still more letters than counts, none of them moves a count.
UPDATE winnow.dead_letters AS d SET is_counted = false
FROM (SELECT l.consumer_group, l.source_topic, l.source_partition, l.reason, count(*) AS held
      FROM winnow.dead_letters AS l WHERE l.is_counted GROUP BY 1, 2, 3, 4) AS h
JOIN winnow.partition_progress AS p
    ON p.consumer_group = h.consumer_group AND p.topic = h.source_topic AND p.partition = h.source_partition
LEFT JOIN winnow.partition_outcomes AS o
    ON o.progress_id = p.progress_id AND o.outcome = 'dead' AND o.reason = h.reason
WHERE d.consumer_group = h.consumer_group AND d.source_topic = h.source_topic
    AND d.source_partition = h.source_partition AND d.reason = h.reason AND h.held > coalesce(o.count, 0);

CREATE FUNCTION winnow.forget_dead_letter_counts() RETURNS trigger
LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE winnow.dead_letters AS d SET is_counted = false
    WHERE d.consumer_group = NEW.consumer_group AND d.source_topic = NEW.topic
        AND d.source_partition = NEW.partition AND d.is_counted;
    RETURN NULL;
END
$function$;
-- A delivery never sets first_offset: only moving a partition back by hand comes here.
CREATE TRIGGER counts_begin_anew AFTER UPDATE OF first_offset ON winnow.partition_progress
    FOR EACH ROW WHEN (NEW.next_offset < OLD.next_offset) EXECUTE FUNCTION winnow.forget_dead_letter_counts();

CREATE FUNCTION winnow.expire_dead_letters(cutoff timestamptz, most integer DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$ SELECT winnow.expire_dead_letters_v1(cutoff, most) $$;
COMMENT ON FUNCTION winnow.expire_dead_letters IS
    'Forgets dead letters written before the cutoff, at most so many; their records stay counted as dead. Answers with the number.';
