// Every metric there is. Schemas/metrics.json is this list; a test compares them. Labels have bounded values only:
// never post text, ids or secrets.

extension CounterMetric {
    package static let records = CounterMetric(
        "winnow_records_total", "Records by outcome, counted when their transaction has committed.", "outcome", "reason"
    )
    package static let deadLetters = CounterMetric(
        "winnow_dead_letters_total", "Records that became dead letters.", "reason")
    package static let batchesClosed = CounterMetric(
        "winnow_batches_closed_total", "Batches by what closed them: count, tokens, bytes, age, or flush.", "stage",
        "closed_by")
    package static let deliveries = CounterMetric(
        "winnow_deliveries_total", "Transactions by result: committed, fenced, failed, or unknown.", "result")
    package static let retries = CounterMetric(
        "winnow_retries_total", "Tries again after a failure, by its class.", "class")
    package static let claims = CounterMetric(
        "winnow_claims_total", "Claims of partitions by result: claimed, blocked, or failed.", "result")
    package static let fenced = CounterMetric(
        "winnow_fenced_total", "Partitions whose work was dropped since another instance owns them.")
    package static let rebalances = CounterMetric(
        "winnow_rebalanced_partitions_total", "Partitions assigned, revoked and lost.", "change")
    package static let hints = CounterMetric(
        "winnow_hints_total", "Offsets told to Kafka after the commit, by result.", "result")
    package static let notices = CounterMetric(
        "winnow_kafka_notices_total", "What the Kafka client found worth telling.", "code")
    package static let abandoned = CounterMetric(
        "winnow_abandoned_records_total",
        "Records in flight that a drain did not finish; their next owner reads them again.")
    package static let maintenance = CounterMetric(
        "winnow_maintenance_total", "What the maintenance did, in the unit of each task; failed tries count as 1.", "task",
        "result")
    package static let tokens = CounterMetric(
        "winnow_tokens_total", "Tokens of posts by what the mask did: kept or dropped.", "mask")
    package static let schemaRequests = CounterMetric(
        "winnow_schema_requests_total",
        "Schemas that the registry was asked for by result: usable, unknown, unusable, or unavailable.", "result")
    package static let schemaCacheHits = CounterMetric(
        "winnow_schema_cache_hits_total", "Payloads whose schema was known without asking the registry.")
    package static let droppedSeries = CounterMetric(
        "winnow_metric_series_dropped_total", "Series that were not kept since their metric has too many already.")
}

extension GaugeMetric {
    package static let lagMessages = GaugeMetric(
        "winnow_lag_messages", "Records of the partition that are not in the database yet.", "topic", "partition")
    package static let lagSeconds = GaugeMetric(
        "winnow_lag_seconds",
        "Age of the oldest record of the partition that is not in the database yet; 0 without lag.",
        "topic", "partition")
    package static let partitions = GaugeMetric(
        "winnow_partitions", "Partitions of this instance by state: claiming, running, paused, draining, or blocked.",
        "state")
    package static let recordsInFlight = GaugeMetric(
        "winnow_in_flight_records", "Records between poll and commit.")
    package static let bytesInFlight = GaugeMetric(
        "winnow_in_flight_bytes", "Payload between poll and commit.")
    package static let databaseConnected = GaugeMetric(
        "winnow_database_connected", "1 while the connection works, 0 while it is away.", "connection")
    package static let schemasCached = GaugeMetric(
        "winnow_schemas_cached", "Schemas that are kept, numbers that nobody knows included.")
    package static let schemaWaits = GaugeMetric(
        "winnow_schema_registry_waiting", "Workers that wait for the schema registry to answer; 0 while all is well.")
    package static let build = GaugeMetric(
        "winnow_build_info", "Always 1; the labels say what is running.", "version", "model", "mask")
}

extension HistogramMetric {
    package static let microBatchPosts = HistogramMetric(
        "winnow_micro_batch_posts", "Posts in a micro-batch.", [1, 2, 4, 8, 16, 32, 64, 128, 256])
    package static let microBatchTokens = HistogramMetric(
        "winnow_micro_batch_tokens", "Tokens in a micro-batch, after the mask.",
        [16, 64, 256, 512, 1_024, 2_048, 4_096, 8_192])
    package static let deliveryRecords = HistogramMetric(
        "winnow_delivery_records", "Records in a transaction.", [1, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000])
    package static let stageSeconds = HistogramMetric(
        "winnow_stage_seconds", "Time of one call of a stage: prepare, encode, deliver, or claim.",
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], "stage")
    package static let endToEndSeconds = HistogramMetric(
        "winnow_end_to_end_seconds", "Age of records when they are committed, from Kafka's timestamp.",
        [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400])
}

package enum MetricCatalogue {
    package static let all: [MetricDefinition] =
        [
            CounterMetric.records, .deadLetters, .batchesClosed, .deliveries, .retries, .claims, .fenced, .rebalances,
            .hints, .notices, .abandoned, .maintenance, .tokens, .schemaRequests, .schemaCacheHits, .droppedSeries,
        ].map(\.definition)
        + [
            GaugeMetric.lagMessages, .lagSeconds, .partitions, .recordsInFlight, .bytesInFlight, .databaseConnected,
            .schemasCached, .schemaWaits, .build,
        ].map(\.definition)
        + [
            HistogramMetric.microBatchPosts, .microBatchTokens, .deliveryRecords, .stageSeconds, .endToEndSeconds,
        ].map(\.definition)
        + ProcessMetrics.definitions

    /// The list as JSON, a metric a line.
    package static var json: String {
        let lines = all.map { metric in
            var fields = [
                "\"name\": \(JSONText.quoted(metric.name))", "\"type\": \"\(metric.kind.name)\"",
                "\"labels\": [\(metric.labels.map { JSONText.quoted($0) }.joined(separator: ", "))]",
            ]
            if case .histogram(let bounds) = metric.kind {
                fields.append("\"buckets\": [\(bounds.map(PrometheusText.number).joined(separator: ", "))]")
            }
            fields.append("\"help\": \(JSONText.quoted(metric.help))")
            return "  {\(fields.joined(separator: ", "))}"
        }
        return "[\n\(lines.joined(separator: ",\n"))\n]\n"
    }
}
