// A model of the group: who is a member, who owns which partition, and the wait for the old owner in between.
import Posts
import StreamCore

final class SimulatedBroker {
    private unowned let world: SimulatedWorld
    private(set) var members: [Int] = []
    private var owners: [TopicPartition: Int] = [:]
    /// Partitions that were asked back, and who shall have them.
    private var moving: [TopicPartition: Int?] = [:]

    init(world: SimulatedWorld) { self.world = world }

    func owner(of partition: TopicPartition) -> Int? { owners[partition] }

    func join(_ member: Int) {
        members.append(member)
        rebalance()
    }

    /// A graceful leave: its partitions are free at once.
    func leave(_ member: Int) { expel(member, telling: false) }

    /// The session of a member ran out: it hears of it when it polls again.
    func expel(_ member: Int, telling: Bool) {
        guard members.contains(member) else { return }
        members.removeAll { $0 == member }
        let had = world.log.partitions.filter { owners[$0] == member }
        for partition in had {
            owners[partition] = nil
            moving[partition] = nil
        }
        if telling, !had.isEmpty { world.instances[member]?.post(.lost(had)) }
        rebalance()
    }

    func released(_ partitions: [TopicPartition], by member: Int) {
        for partition in partitions where owners[partition] == member {
            guard let target = moving.removeValue(forKey: partition) else {
                // Fenced while it owned the partition and let it go unasked: the group gives it to the same member again.
                continue
            }
            owners[partition] = nil
            if let target { give(partition, to: target) }
        }
    }

    private func rebalance() {
        let shuffled = members.shuffled(using: &world.random)
        for (index, partition) in world.log.partitions.enumerated() {
            let target = shuffled.isEmpty ? nil : shuffled[index % shuffled.count]
            guard let owner = owners[partition] else {
                if let target { give(partition, to: target) }
                continue
            }
            guard owner != target else { continue }
            let isAsked = moving[partition] != nil
            moving[partition] = .some(target)
            guard !isAsked else { continue }
            world.instances[owner]?.post(.revoking([partition]))
            world.after(world.revokeTimeout) { [self] in
                guard owners[partition] == owner, let target = moving.removeValue(forKey: partition) else { return }
                owners[partition] = nil
                world.instances[owner]?.post(.lost([partition]))
                if let target { give(partition, to: target) }
            }
        }
    }

    private func give(_ partition: TopicPartition, to member: Int) {
        guard members.contains(member) else {
            return world.after(.milliseconds(1)) { [self] in if owners[partition] == nil { rebalance() } }
        }
        owners[partition] = member
        world.instances[member]?.post(.assigned([partition]))
    }
}
