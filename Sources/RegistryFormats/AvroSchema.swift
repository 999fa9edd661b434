// An Avro schema as its reader needs it: a table of types that refer to one another by number, so that types may contain
// themselves. Made by AvroSchemaParser.

struct AvroSchema: Sendable {
    typealias Number = Int

    struct Field: Sendable {
        let name: [UInt8]
        let type: Number
    }

    /// What a number or bytes mean beyond their type; an annotation that does not fit its type is ignored, as the
    /// specification asks.
    enum Logical: Sendable, Equatable {
        case none
        /// Days since 1970.
        case date
        /// Time since 1970, UTC: how many decimal digits of a second.
        case timestamp(digits: Int)
        /// The unscaled number, the highest byte first.
        case decimal(scale: Int)
    }

    enum Node: Sendable {
        case null, boolean, float, double, string
        case int(Logical)
        case long(Logical)
        case bytes(Logical)
        case fixed(size: Int, Logical)
        case enumeration([[UInt8]])
        case array(Number)
        case map(Number)
        case record([Field])
        case union([Number])
        /// Named, and not yet defined.
        case open
    }

    var nodes: [Node] = []
    var root: Number = 0
}
