// Kafka as the pipeline sees it: the seam `RecordSource` over a poll thread and an inquiry client. It owns both; what
// happens on the poll thread is `PollLoop`.
package import Posts
package import StreamCore

package final class KafkaSource: RecordSource {
    private let configuration: KafkaSourceConfiguration
    private let inquiry: KafkaInquiry
    private let mailbox = CommandMailbox()
    private let statisticsBox = StatisticsBox()
    private let flow: FlowGauge
    private let events: @Sendable (SourceEvent) -> Void
    private let thread: PollThread
    private let watermarks: WatermarkWatch

    /// Checks the properties and makes the clients; reaches no broker yet, and emits nothing before `start`.
    /// - Parameter events: Called on the poll thread, in order; it must not block.
    package init(
        configuration: KafkaSourceConfiguration, flow: FlowGauge, events: @escaping @Sendable (SourceEvent) -> Void
    ) throws(SourceFailure) {
        self.configuration = configuration
        self.flow = flow
        self.events = events
        inquiry = try KafkaInquiry(configuration)
        watermarks = WatermarkWatch(inquiry: inquiry, statistics: statisticsBox)
        thread = PollThread(client: try ConsumerClient(configuration))
    }

    /// Joins the group. To be called once; further calls do nothing.
    package func start() {
        let (events, watermarks) = (events, watermarks)
        watermarks.start()
        thread.start(configuration: configuration, flow: flow, mailbox: mailbox, statistics: statisticsBox) { event in
            if case .closed = event { watermarks.stop() }
            events(event)
        }
    }

    /// Whoever lets go of a source that runs means it to end.
    deinit { mailbox.abandon() }

    package func send(_ command: SourceCommand) { mailbox.put(command) }

    /// Ends at once without leaving the group, which notices after the session timeout. `closed` follows.
    package func abandon() { mailbox.abandon() }

    package func clusterIdentifier() throws(SourceFailure) -> String { try inquiry.clusterIdentifier() }

    package func bounds(of partition: TopicPartition) throws(SourceFailure) -> PartitionBounds {
        let bounds = try inquiry.bounds(of: partition)
        statisticsBox.setHighWatermarks([partition: bounds.high])
        return bounds
    }

    package func committedOffset(of partition: TopicPartition) throws(SourceFailure) -> Int64? {
        try inquiry.committedOffset(of: partition)
    }

    package func partitions(ofTopic topic: String) throws(SourceFailure) -> [Int32] {
        try inquiry.partitions(ofTopic: topic)
    }

    /// The offset after the last record of each partition that is assigned here or was asked for, as last heard.
    package func highWatermarks() -> [TopicPartition: Int64] { statisticsBox.current.highWatermarks }

    /// What the poll thread has read of each partition since it was put into place, for the lag.
    package func readings() -> [TopicPartition: PartitionReading] { statisticsBox.readings }

    /// What the client last told about itself.
    package func statistics() -> KafkaStatistics { statisticsBox.current }
}
