// Why a payload in the wire format cannot be read. Each becomes a dead letter with this reason.
package import Posts

extension RejectionReason {
    /// The value does not begin with the magic byte and a schema's number.
    package static let notWireFormat = RejectionReason(rawValue: "not_wire_format")
    /// The registry answers that it has no schema of this number.
    package static let unknownSchema = RejectionReason(rawValue: "unknown_schema")
    /// The schema of this number cannot be used: malformed, of an unknown type, or with a reference that leads nowhere.
    package static let unusableSchema = RejectionReason(rawValue: "unusable_schema")
    /// The payload is nothing that its schema describes.
    package static let malformedPayload = RejectionReason(rawValue: "malformed_payload")
    /// Not read because the stream ended while it waited for the registry; the record is read again by the next owner.
    package static let registryWaitEnded = RejectionReason(rawValue: "registry_wait_ended")
}

/// The bounds of one payload, whatever its schema says.
enum PayloadLimits {
    /// Bytes of JSON: what the decoder behind it takes.
    static let largestJSON = 16 << 20
    /// Levels of records, lists and maps; below the JSON reader's own limit.
    static let deepest = 100
}

/// What is wrong with a payload; never quotes it.
enum PayloadFault: Error, Equatable {
    case malformed(atByte: Int)
    case tooDeep
    case tooLarge

    func rejection(schema: UInt32) -> Rejection {
        switch self {
        case .malformed(let byte):
            Rejection(
                reason: .malformedPayload,
                detail: "the payload does not fit schema \(schema): it goes wrong or ends at byte \(byte)")
        case .tooDeep:
            Rejection(
                reason: .nestedTooDeep,
                detail: "the payload of schema \(schema) is nested deeper than \(PayloadLimits.deepest) levels")
        case .tooLarge:
            Rejection(
                reason: .tooLarge,
                detail: "the payload of schema \(schema) would be more than \(PayloadLimits.largestJSON) bytes as JSON")
        }
    }
}

/// Why a schema cannot be used; part of a dead letter's detail, so it quotes the schema only and never a payload.
struct SchemaFault: Error, Equatable {
    let sentence: String

    /// Cut, so that no schema makes a detail of any length.
    init(_ sentence: String) { self.sentence = String(sentence.prefix(300)) }
}
