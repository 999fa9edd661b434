// How the tables are kept in shape: how often, how far ahead, and how long things are kept.

package struct MaintenanceSettings: Sendable, Equatable {
    /// Between the end of one run and the next; zero: `winnow run` leaves it to `winnow maintain` or to cron.
    package var interval = Duration.seconds(30)
    /// Weekly partitions that are made ahead.
    package var weeksAhead = 4
    /// Zero keeps for ever, here and below.
    package var keepPosts = Duration.zero
    package var keepDeadLetters = Duration.zero
    package var keepTombstones = Duration.zero

    package init() {}
}
