// A JSON document to be written: for requests, whose form depends on what the endpoint takes. Keys are sorted, so that
// the same document is the same bytes.
package import Foundation

package indirect enum JSONValue: Sendable, Equatable, Encodable {
    case object([String: JSONValue])
    case array([JSONValue])
    case text(String)
    case number(Double)
    case integer(Int)
    case flag(Bool)
    case null

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let fields): try container.encode(fields)
        case .array(let elements): try container.encode(elements)
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .integer(let integer): try container.encode(integer)
        case .flag(let flag): try container.encode(flag)
        case .null: try container.encodeNil()
        }
    }

    /// One line.
    package var data: Data { JSONLine.data(self) ?? Data("null".utf8) }
}

/// Encodable values as one line of JSON.
enum JSONLine {
    /// Nil only for what JSON has no form for: numbers that are not finite.
    static func data(_ value: some Encodable) -> Data? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try? encoder.encode(value)
    }
}
