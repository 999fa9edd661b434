// Schemas by their number, up to a bound. A number never changes its schema, so what is known stays until room is needed; that a
// number is unknown is believed for a short time only.

struct SchemaCache: Sendable {
    enum Entry: Sendable {
        case usable(PayloadSchema)
        case unusable(SchemaFault)
        case unknown
    }

    /// How long "no such schema" is believed.
    static let unknownLifetime = Duration.seconds(30)
    /// How long a fault of a schema is: what it refers to may be registered yet.
    static let unusableLifetime = Duration.seconds(300)

    private struct Slot: Sendable {
        let entry: Entry
        let until: ContinuousClock.Instant?
        var lastUse: UInt64
    }

    private let capacity: Int
    private var slots: [UInt32: Slot] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { slots.count }

    mutating func entry(_ number: UInt32, now: ContinuousClock.Instant) -> Entry? {
        guard let slot = slots[number] else { return nil }
        if let until = slot.until, until <= now {
            slots[number] = nil
            return nil
        }
        uses += 1
        slots[number]?.lastUse = uses
        return slot.entry
    }

    mutating func keep(_ entry: Entry, for number: UInt32, now: ContinuousClock.Instant) {
        let until: ContinuousClock.Instant? =
            switch entry {
            case .usable: nil
            case .unusable: now + Self.unusableLifetime
            case .unknown: now + Self.unknownLifetime
            }
        if slots[number] == nil, slots.count >= capacity, let oldest = oldest() { slots[oldest] = nil }
        uses += 1
        slots[number] = Slot(entry: entry, until: until, lastUse: uses)
    }

    /// Numbers that nobody knows go before schemas: a hostile producer can name any number of them.
    private func oldest() -> UInt32? {
        slots.min { left, right in
            let (isLeftKnown, isRightKnown) = (left.value.until == nil, right.value.until == nil)
            return isLeftKnown == isRightKnown ? left.value.lastUse < right.value.lastUse : !isLeftKnown
        }?.key
    }
}
