-- Comments that the earlier files left out: every table and every column has one.
COMMENT ON TABLE winnow.schema_migrations IS 'The migrations that made this schema.';

COMMENT ON COLUMN winnow.accounts.platform IS 'Platform of the account.';
COMMENT ON COLUMN winnow.accounts.account IS 'The platform''s id of the account.';
COMMENT ON COLUMN winnow.accounts.version IS 'Version of the event that decided the state.';
COMMENT ON COLUMN winnow.accounts.version_scope IS 'Versions of one scope are ordered; see Schemas/README.md.';
COMMENT ON COLUMN winnow.accounts.updated_at IS 'When the state was written last.';

COMMENT ON COLUMN winnow.dead_letters.dead_letter_id IS 'Number of the dead letter.';
COMMENT ON COLUMN winnow.dead_letters.written_at IS 'When it was written here.';
COMMENT ON COLUMN winnow.dead_letters.received_at IS 'Kafka''s time of the record.';
COMMENT ON COLUMN winnow.dead_letters.source_offset IS 'Offset of the record.';
COMMENT ON COLUMN winnow.dead_letters.source_partition IS 'Kafka partition of the record.';
COMMENT ON COLUMN winnow.dead_letters.source_topic IS 'Kafka topic of the record.';
COMMENT ON COLUMN winnow.dead_letters.consumer_group IS 'Group that read it.';
COMMENT ON COLUMN winnow.dead_letters.reason IS 'Why, as one word: the same as in partition_outcomes.';
COMMENT ON COLUMN winnow.dead_letters.detail IS 'Why, as a sentence without the content.';
COMMENT ON COLUMN winnow.dead_letters.platform IS 'Platform, where it could be read.';
COMMENT ON COLUMN winnow.dead_letters.key IS 'Key of the post, where it could be read.';
COMMENT ON COLUMN winnow.dead_letters.account IS 'Account, where it could be read.';
COMMENT ON COLUMN winnow.dead_letters.record_key IS
    'The record''s key, byte for byte; null under the same conditions as payload.';

COMMENT ON COLUMN winnow.enrichments.post_id IS 'The post.';
COMMENT ON COLUMN winnow.enrichments.partition_time IS 'Where the row in posts lies.';
COMMENT ON COLUMN winnow.enrichments.model_id IS 'The model that says it.';
COMMENT ON COLUMN winnow.enrichments.kept_share IS 'Share of the tokens that the encoder read.';
COMMENT ON COLUMN winnow.enrichments.enriched_at IS 'When the row was written.';
COMMENT ON COLUMN winnow.enrichments.sentiment IS 'Most probable sentiment; null where the model gives none.';
COMMENT ON COLUMN winnow.enrichments.topic IS 'Most probable topic; null where the model gives none.';
COMMENT ON COLUMN winnow.enrichments.sentiment_scores IS 'Probabilities in the order of model_versions.sentiment_labels.';
COMMENT ON COLUMN winnow.enrichments.topic_scores IS 'Probabilities in the order of model_versions.topic_labels.';
COMMENT ON COLUMN winnow.enrichments.dropped IS 'What the mask dropped, as in posts.';
COMMENT ON COLUMN winnow.enrichments.entities IS 'Mentions, as an array of objects.';

COMMENT ON COLUMN winnow.entities.post_id IS 'The post.';
COMMENT ON COLUMN winnow.entities.partition_time IS 'Where the row in posts lies.';
COMMENT ON COLUMN winnow.entities.length IS 'Length of the mention in code points.';
COMMENT ON COLUMN winnow.entities.score IS 'Probability of the mention.';
COMMENT ON COLUMN winnow.entities.type IS 'Kind of the entity: person, place, organisation, …';
COMMENT ON COLUMN winnow.entities.name IS 'The mention as it was written.';

COMMENT ON COLUMN winnow.model_versions.model_id IS 'Number of the model in this database.';
COMMENT ON COLUMN winnow.model_versions.name IS 'Name of the model.';
COMMENT ON COLUMN winnow.model_versions.version IS 'Version of the model.';
COMMENT ON COLUMN winnow.model_versions.sentiment_labels IS 'Labels in the order of sentiment_scores.';
COMMENT ON COLUMN winnow.model_versions.topic_labels IS 'Labels in the order of topic_scores.';
COMMENT ON COLUMN winnow.model_versions.first_used_at IS 'When it wrote first.';

COMMENT ON COLUMN winnow.partition_outcomes.progress_id IS 'The partition of the group.';
COMMENT ON COLUMN winnow.partition_outcomes.count IS 'Records with this outcome.';
COMMENT ON COLUMN winnow.partition_outcomes.outcome IS
    'What became of them: inserted, edited, deleted, superseded, skipped, dead, gap, …';
COMMENT ON COLUMN winnow.partition_outcomes.reason IS 'Why, where the outcome has reasons; else empty.';

COMMENT ON COLUMN winnow.partition_progress.progress_id IS 'Short number of the row.';
COMMENT ON COLUMN winnow.partition_progress.partition IS 'Kafka partition.';
COMMENT ON COLUMN winnow.partition_progress.first_offset IS 'Where counting began.';
COMMENT ON COLUMN winnow.partition_progress.claim_counter IS 'Number of claims so far.';
COMMENT ON COLUMN winnow.partition_progress.crash_count IS 'Owners that died in succession without progress.';
COMMENT ON COLUMN winnow.partition_progress.suspect_attempts IS 'How often the suspect was tried alone.';
COMMENT ON COLUMN winnow.partition_progress.claimed_at IS 'When it was claimed last.';
COMMENT ON COLUMN winnow.partition_progress.last_received_at IS 'Kafka''s time of the last record.';
COMMENT ON COLUMN winnow.partition_progress.updated_at IS 'When the row was written last.';
COMMENT ON COLUMN winnow.partition_progress.consumer_group IS 'Consumer group.';
COMMENT ON COLUMN winnow.partition_progress.topic IS 'Kafka topic.';

COMMENT ON COLUMN winnow.post_keys.post_id IS 'The post''s number, kept through edits.';
COMMENT ON COLUMN winnow.post_keys.platform IS 'Platform of the post.';
COMMENT ON COLUMN winnow.post_keys.key IS 'The platform''s id of the post.';
COMMENT ON COLUMN winnow.post_keys.version IS 'Version of the event that decided the state.';
COMMENT ON COLUMN winnow.post_keys.account IS 'Author, where the feed names one.';

COMMENT ON COLUMN winnow.posts.post_id IS 'The post''s number, kept through edits.';
COMMENT ON COLUMN winnow.posts.source_offset IS 'Offset of the record that this row holds.';
COMMENT ON COLUMN winnow.posts.source_partition IS 'Kafka partition of that record.';
COMMENT ON COLUMN winnow.posts.model_id IS 'The model that enriched it.';
COMMENT ON COLUMN winnow.posts.source_topic IS 'Kafka topic of that record.';
COMMENT ON COLUMN winnow.posts.platform IS 'Platform of the post.';
COMMENT ON COLUMN winnow.posts.key IS 'The platform''s id of the post.';
COMMENT ON COLUMN winnow.posts.author IS 'The platform''s id of the author.';
COMMENT ON COLUMN winnow.posts.language IS 'Language of the post; null where it is not known.';
COMMENT ON COLUMN winnow.posts.sentiment IS 'Most probable sentiment; null where the model gives none.';
COMMENT ON COLUMN winnow.posts.topic IS 'Most probable topic; null where the model gives none.';
COMMENT ON COLUMN winnow.posts.reply_to IS 'Key of the post it answers.';
COMMENT ON COLUMN winnow.posts.reply_root IS 'Key of the post that began the conversation.';
COMMENT ON COLUMN winnow.posts.repost_of IS 'Key of the post it repeats.';
COMMENT ON COLUMN winnow.posts.quote_of IS 'Key of the post it quotes.';
COMMENT ON COLUMN winnow.posts.text IS 'The post as it was written.';

COMMENT ON COLUMN winnow.schema_migrations.number IS 'Number of the file in Schemas/sql.';
COMMENT ON COLUMN winnow.schema_migrations.name IS 'Name of that file.';
COMMENT ON COLUMN winnow.schema_migrations.checksum IS 'SHA-256 of that file.';
COMMENT ON COLUMN winnow.schema_migrations.applied_at IS 'When it was applied.';
