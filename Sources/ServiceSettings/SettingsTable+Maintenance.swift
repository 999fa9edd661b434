// The keys of MaintenanceSettings.

extension SettingsTable {
    private static let longest = Duration.seconds(36_500 * 86_400)

    static let maintenance: [SettingsKey] = [
        .duration(
            "maintenance.interval", \.maintenance.interval, .zero ... .seconds(86_400),
            "How often winnow run looks after the tables. 0s: never; then call winnow maintain, or CALL winnow.maintain()."),
        .integer(
            "maintenance.weeks_ahead", \.maintenance.weeksAhead, 1...52,
            "Weekly partitions that are made ahead."),
        .duration(
            "maintenance.keep_posts", \.maintenance.keepPosts, .zero ... longest,
            "Whole weeks of posts that are older go, with entities, enrichments and counts. 0s: kept for ever."),
        .duration(
            "maintenance.keep_dead_letters", \.maintenance.keepDeadLetters, .zero ... longest,
            "Dead letters that are older go; they stay counted. 0s: kept for ever."),
        .duration(
            "maintenance.keep_tombstones", \.maintenance.keepTombstones, .zero ... longest,
            "What is known of deleted posts goes after this. Longer than Kafka keeps records. 0s: kept for ever."),
    ]
}
