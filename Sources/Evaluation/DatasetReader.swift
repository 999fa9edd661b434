// Reads labelled data sets: JSON Lines of {"text","label"} or {"tokens","tags"} rows. Trainer and evaluator share
// it. It checks the form of rows, not whether a model knows their labels.
package import Foundation

package struct LabelledText: Sendable, Equatable {
    package let text: String
    /// Empty: none of the classes; only where the reader was told to take such rows.
    package let label: String
    /// The value of the field that results are grouped by.
    package let group: String?
    /// What a person marked as carrying the label, in code points; nil where the data have no such span.
    package let rationale: Range<Int>?

    package init(text: String, label: String, rationale: Range<Int>? = nil, group: String? = nil) {
        self.text = text
        self.label = label
        self.group = group
        self.rationale = rationale
    }
}

package struct TaggedTokens: Sendable, Equatable {
    package let tokens: [String]
    /// BIO tags, one a token.
    package let tags: [String]
    package let group: String?

    package init(tokens: [String], tags: [String], group: String? = nil) {
        self.tokens = tokens
        self.tags = tags
        self.group = group
    }
}

package enum LabelledDataset: Sendable, Equatable {
    case classes([LabelledText])
    case spans([TaggedTokens])

    /// The texts as the model reads them.
    package var texts: [String] {
        switch self {
        case .classes(let rows): rows.map(\.text)
        case .spans(let rows): rows.map { $0.tokens.joined(separator: " ") }
        }
    }

    /// The first rows.
    package func first(_ count: Int) -> LabelledDataset {
        switch self {
        case .classes(let rows): .classes(Array(rows.prefix(count)))
        case .spans(let rows): .spans(Array(rows.prefix(count)))
        }
    }

    package var rowCount: Int {
        switch self {
        case .classes(let rows): rows.count
        case .spans(let rows): rows.count
        }
    }
}

/// Names the file and line, and never quotes the row.
package struct DatasetFailure: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }
}

package enum DatasetReader {
    private struct Row: Decodable {
        let text: String?
        let label: String?
        let tokens: [String]?
        let tags: [String]?
        let start: Int?
        let length: Int?
        /// The label is there, and null.
        let hasNullLabel: Bool

        enum CodingKeys: String, CodingKey {
            case text, label, tokens, tags, start, length
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            text = try values.decodeIfPresent(String.self, forKey: .text)
            label = try values.decodeIfPresent(String.self, forKey: .label)
            tokens = try values.decodeIfPresent([String].self, forKey: .tokens)
            tags = try values.decodeIfPresent([String].self, forKey: .tags)
            start = try values.decodeIfPresent(Int.self, forKey: .start)
            length = try values.decodeIfPresent(Int.self, forKey: .length)
            hasNullLabel = try label == nil && values.contains(.label) && values.decodeNil(forKey: .label)
        }

        var rationale: Range<Int>? {
            guard let start, let length, let text, start >= 0, length > 0 else { return nil }
            return length <= text.unicodeScalars.count - start ? start..<start + length : nil
        }
    }

    /// All rows of a file, in order. Rows must be of one form; blank lines are passed over.
    /// - Parameters:
    ///   - field: a field of each row, a string or a number, that results are grouped by.
    ///   - takesOutside: rows with a label of null are rows outside of the classes; else they are refused.
    package static func read(
        _ url: URL, groupedBy field: String? = nil, takesOutside: Bool = false
    ) throws(DatasetFailure) -> LabelledDataset {
        var texts: [LabelledText] = []
        var tagged: [TaggedTokens] = []
        for (number, line) in try lines(of: url) {
            let place = "\(url.path) line \(number)"
            guard let row = try? JSONDecoder().decode(Row.self, from: line) else {
                throw DatasetFailure(
                    "\(place) is no JSON object with text and label, or tokens and tags, as strings: correct the line."
                )
            }
            let group = try field.map { field throws(DatasetFailure) in try GroupField.value(field, of: line, place) }
            if let text = row.text, let label = row.label ?? (takesOutside && row.hasNullLabel ? "" : nil) {
                texts.append(LabelledText(text: text, label: label, rationale: row.rationale, group: group))
            } else if let tokens = row.tokens, let tags = row.tags {
                guard tokens.count == tags.count else {
                    throw DatasetFailure(
                        "\(place) has \(tokens.count) tokens and \(tags.count) tags: it needs one tag for each token."
                    )
                }
                tagged.append(TaggedTokens(tokens: tokens, tags: tags, group: group))
            } else {
                throw DatasetFailure("\(place) has neither text and label nor tokens and tags: add them.")
            }
        }
        switch (texts.isEmpty, tagged.isEmpty) {
        case (false, true): return .classes(texts)
        case (true, false): return .spans(tagged)
        case (true, true): throw DatasetFailure("\(url.path) holds no rows: name a file with JSON Lines.")
        case (false, false):
            throw DatasetFailure("\(url.path) mixes rows of text with rows of tokens: split it into two files.")
        }
    }

    /// The texts alone, for data of any labels: `text`, or the tokens joined by spaces.
    package static func texts(_ url: URL) throws(DatasetFailure) -> [String] {
        struct TextRow: Decodable {
            let text: String?
            let tokens: [String]?
            /// What normalisation data call their tokens.
            let input: [String]?
        }
        var texts: [String] = []
        for (number, line) in try lines(of: url) {
            guard let row = try? JSONDecoder().decode(TextRow.self, from: line),
                let text = row.text ?? (row.tokens ?? row.input)?.joined(separator: " ")
            else {
                throw DatasetFailure("\(url.path) line \(number) has neither text nor tokens: correct the line.")
            }
            texts.append(text)
        }
        return texts
    }

    private static func lines(of url: URL) throws(DatasetFailure) -> [(number: Int, line: Data)] {
        if url.pathExtension == "gz" {
            throw DatasetFailure("\(url.path) is compressed: unpack it with gunzip and name the unpacked file.")
        }
        guard let data = try? Data(contentsOf: url) else {
            throw DatasetFailure("\(url.path) cannot be read: check the path and its permissions.")
        }
        return data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let blank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            return blank ? nil : (index + 1, Data(line))
        }
    }
}
