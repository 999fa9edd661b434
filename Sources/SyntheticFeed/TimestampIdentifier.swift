// The feed's record keys and revisions: a time in microseconds and a clock number, in a base 32 that sorts like time.
import Posts

enum TimestampIdentifier {
    private static let alphabet = Array("234567abcdefghijklmnopqrstuvwxyz".utf8)

    /// 13 characters: 53 bits of time, 10 bits of clock.
    static func make(at time: Timestamp, clock: UInt64) -> String {
        var value = (UInt64(clamping: time.microseconds) & 0x1F_FFFF_FFFF_FFFF) << 10 | (clock & 0x3FF)
        var characters = [UInt8](repeating: alphabet[0], count: 13)
        for position in stride(from: 12, through: 0, by: -1) {
            characters[position] = alphabet[Int(value & 31)]
            value >>= 5
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
