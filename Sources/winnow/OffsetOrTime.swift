// What --from and --to take: an offset, or a time.
import ArgumentParser
import Posts

/// Digits alone are an offset, anything else is a time.
enum OffsetOrTime: ExpressibleByArgument, Sendable {
    case offset(Int64)
    case time(Timestamp)

    init?(argument: String) {
        if let offset = Int64(argument) {
            guard offset >= 0 else { return nil }
            self = .offset(offset)
        } else if let time = FeedTime.iso8601(argument) {
            self = .time(time)
        } else {
            return nil
        }
    }

    var offset: Int64? {
        guard case .offset(let offset) = self else { return nil }
        return offset
    }

    var time: Timestamp? {
        guard case .time(let time) = self else { return nil }
        return time
    }
}
