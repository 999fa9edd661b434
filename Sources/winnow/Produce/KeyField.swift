// Finds a record's key in a JSON line: the value at a dotted path. It knows nothing of Kafka.
import Foundation

struct KeyField {
    private let path: [String]

    /// Nil for an empty path or an empty step.
    init?(_ text: String) {
        let steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !steps.contains("") else { return nil }
        path = steps
    }

    /// A string or an integer at the path; nil where the line is no JSON object or has nothing fit for a key there.
    func key(of line: [UInt8]) -> [UInt8]? {
        guard var value = try? JSONSerialization.jsonObject(with: Data(line)) else { return nil }
        for step in path {
            guard let object = value as? [String: Any], let next = object[step] else { return nil }
            value = next
        }
        if let text = value as? String { return Array(text.utf8) }
        if let number = value as? Int64 { return Array(String(number).utf8) }
        return nil
    }
}
