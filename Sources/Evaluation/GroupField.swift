// One field of a row of a data set, named by a person: a string or a number.
internal import Foundation

enum GroupField {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Row: Decodable {
        static let field = CodingUserInfoKey(rawValue: "field")
        let value: String?

        init(from decoder: any Decoder) throws {
            guard let key = Self.field, let field = decoder.userInfo[key] as? String else {
                value = nil
                return
            }
            let values = try decoder.container(keyedBy: Name.self)
            let name = Name(stringValue: field)
            if let text = try? values.decode(String.self, forKey: name) {
                value = text
            } else {
                value = (try? values.decode(Int.self, forKey: name)).map { String($0) }
            }
        }
    }

    /// - Throws: where the row lacks the field.
    static func value(_ field: String, of line: Data, _ place: String) throws(DatasetFailure) -> String {
        let decoder = JSONDecoder()
        if let key = Row.field { decoder.userInfo[key] = field }
        guard let row = try? decoder.decode(Row.self, from: line), let value = row.value else {
            throw DatasetFailure("\(place) has no field \(field.prefix(40)) with a string or a number to group by: add it.")
        }
        return value
    }
}
