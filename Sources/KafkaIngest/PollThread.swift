// The dedicated thread of one consuming client: starts it, wires what wakes it, and takes the client down at its end.
// It holds the client only until the thread takes it.
import CRdKafka
import Foundation
import StreamCore
import Synchronization

final class PollThread: Sendable {
    private let client: Mutex<ConsumerClient?>

    init(client: consuming sending ConsumerClient) { self.client = Mutex(client) }

    /// The first call starts the thread; others do nothing.
    func start(
        configuration: KafkaSourceConfiguration, flow: FlowGauge, mailbox: CommandMailbox, statistics: StatisticsBox,
        emit: @escaping @Sendable (SourceEvent) -> Void
    ) {
        let thread = Thread { [self] in
            guard let client = client.withLock({ $0.take() }) else { return }
            let queue = WakeableQueue(pointer: client.queue)
            mailbox.setWake { rd_kafka_queue_yield(queue.pointer) }
            flow.onRelief { mailbox.flowEased() }
            // The client goes down with the loop, after its last event: nobody waits for that.
            let loop = PollLoop(
                client: client, configuration: configuration, flow: flow, mailbox: mailbox, statistics: statistics,
                emit: emit)
            // Swift may free an object after its last use: the queue must live until nobody wakes it any more.
            withExtendedLifetime(loop) {
                loop.run()
                flow.onRelief(nil)
                mailbox.setWake(nil)
            }
        }
        thread.name = "kafka-poll"
        thread.start()
    }
}

/// Sendable: librdkafka's queues may be used from any thread, and the mailbox's lock keeps the queue alive while it
/// is woken.
private struct WakeableQueue: @unchecked Sendable {
    let pointer: OpaquePointer
}
