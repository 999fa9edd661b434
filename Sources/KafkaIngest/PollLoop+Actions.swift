// How the poll loop performs what the state machine decides, and how it puts a partition's fetcher into place.
import CRdKafka
import Posts
import StreamCore

extension PollLoop {
    func perform(_ actions: [ConsumerAction]) {
        for action in actions {
            switch action {
            case .assign(let added): assign(added)
            case .unassign(let removed): unassign(removed)
            case .position(let partition, let offset):
                positioner.add(partition, offset: offset, now: ContinuousClock.now)
                if cursors[partition]?.expected != offset { cursors[partition] = PartitionCursor(expected: offset) }
                cursors[partition]?.restart()
                readings.began(partition)
                statistics.setReadings(readings.values)
            case .leave: leave()
            case .announceAssigned(let partitions):
                for partition in partitions { cursors[partition] = nil }
                emit(.assigned(partitions))
            case .announceRevoking(let partitions):
                // Nothing of them is emitted after this event.
                reconcilePauses()
                emit(.revoking(partitions))
            case .announceLost(let partitions): emit(.lost(partitions))
            case .announceFailed(let failure): emit(.failed(failure))
            case .announceClosed: emit(.closed)
            }
        }
    }

    private func assign(_ added: [TopicPartition]) {
        areBrokersDown = false
        // A number, so that no offset is looked up; it is never fetched from, since the pause follows at once, and a
        // fetch that slips out in between is void by it.
        let start = Dictionary(uniqueKeysWithValues: added.map { ($0, Int64(0)) })
        do {
            if client.isCooperative {
                try client.addToAssignment(start)
                assignedPartitions.formUnion(added)
            } else {
                try client.assign(start)
                assignedPartitions = Set(added)
            }
        } catch {
            emit(.notice(SourceNotice(code: error.code, detail: error.detail)))
            return
        }
        for partition in added { positioner.markAlive(partition) }
        client.pause(added)
        pausedPartitions.formIntersection(assignedPartitions)
        pausedPartitions.formUnion(added)
        statistics.setAssigned(assignedPartitions)
        restartCursors()
    }

    private func unassign(_ removed: [TopicPartition]) {
        for partition in removed {
            positioner.remove(partition)
            cursors[partition] = nil
            readings.removed(partition)
        }
        statistics.setReadings(readings.values)
        do {
            if client.isCooperative {
                try client.removeFromAssignment(removed)
            } else {
                try client.unassignAll()
            }
        } catch {
            emit(.notice(SourceNotice(code: error.code, detail: error.detail)))
        }
        assignedPartitions.subtract(removed)
        pausedPartitions.subtract(removed)
        statistics.setAssigned(assignedPartitions)
        // Topic objects may go with their last partition.
        topics = TopicNames()
        restartCursors()
    }

    /// A rebalance pauses and resumes inside librdkafka: each fetch starts anew.
    private func restartCursors() {
        for partition in cursors.keys { cursors[partition]?.restart() }
    }

    private func leave() {
        reconcilePauses()
        guard !areBrokersDown else {
            // Nobody would hear it, and some versions hang or crash in trying.
            perform(machine.groupLeft())
            return
        }
        do {
            try client.beginLeaving()
        } catch {
            emit(.notice(SourceNotice(code: error.code, detail: error.detail)))
            perform(machine.groupLeft())
        }
    }

    // MARK: Positions

    func servePositions(now: ContinuousClock.Instant) {
        guard !positioner.tasks.isEmpty else { return }
        for (partition, task) in positioner.due(now: now) {
            guard machine.partitions[partition]?.activity == .positioning(task.offset) else {
                positioner.remove(partition)
                continue
            }
            // A seek is only safe while nothing is taken from the partition.
            if !pausedPartitions.contains(partition) { reconcilePauses() }
            if task.needsRestart {
                restart(partition, offset: task.offset, now: now)
                continue
            }
            let code = client.seek(partition, offset: task.offset, milliseconds: Self.seekMilliseconds)
            if code == .none {
                positioned(partition, offset: task.offset)
            } else {
                positioner.failed(partition, now: now)
                // librdkafka's own thread is busy: the others would wait as long, and polling must go on.
                if code == .timedOut { return }
            }
        }
    }

    private func positioned(_ partition: TopicPartition, offset: Int64) {
        positioner.remove(partition)
        machine.positioned(partition, offset: offset)
        reconcilePauses()
    }

    /// Assigns a partition anew whose fetcher librdkafka has stopped for good. The other partitions go on where they
    /// are.
    private func restart(_ partition: TopicPartition, offset: Int64, now: ContinuousClock.Instant) {
        // In a rebalance the assignment belongs to the group: later.
        guard !machine.isDraining else { return positioner.failed(partition, now: now) }
        do {
            if client.isCooperative {
                try client.removeFromAssignment([partition])
                try client.addToAssignment([partition: offset])
                positioner.markAlive(partition)
                client.pause([partition])
            } else {
                var offsets: [TopicPartition: Int64] = [:]
                for assigned in assignedPartitions { offsets[assigned] = cursors[assigned]?.expected ?? 0 }
                offsets[partition] = offset
                try client.assign(offsets)
                for assigned in assignedPartitions { positioner.markAlive(assigned) }
                client.pause(assignedPartitions.sorted())
                pausedPartitions = assignedPartitions
                restartCursors()
            }
        } catch {
            emit(.notice(SourceNotice(code: error.code, detail: error.detail)))
        }
        // The seek that follows tells that the new fetcher is up.
        positioner.failed(partition, now: now)
    }
}
