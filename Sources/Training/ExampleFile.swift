// A file of examples as people have them: CSV with a heading, or JSON Lines. Gives texts with labels; splits them for development
// by a seed. What a label means is the head's business.
package import Evaluation
package import Foundation

package struct ExampleFile: Sendable {
    package let rows: [LabelledText]
    /// Rows without text or without label.
    package let leftOut: Int

    /// `.csv` is read as comma-separated values, everything else as JSON Lines.
    /// - Throws: naming file and line, never the text.
    package init(_ url: URL, textColumn: String, labelColumn: String) throws(TrainingFailure) {
        guard let data = try? Data(contentsOf: url) else {
            throw TrainingFailure("The examples \(url.path) cannot be read: check the path and its permissions.")
        }
        do throws(TrainingFailure) {
            let pairs =
                url.pathExtension.lowercased() == "csv"
                ? try Self.commaSeparated(Array(data), textColumn, labelColumn)
                : try Self.objects(data, textColumn, labelColumn)
            rows = pairs.compactMap { pair in
                let text = Self.trimmed(pair.text), label = Self.trimmed(pair.label)
                return text.isEmpty || label.isEmpty ? nil : LabelledText(text: text, label: label)
            }
            leftOut = pairs.count - rows.count
        } catch {
            throw TrainingFailure("\(url.path) \(error.description)")
        }
        try check(url)
    }

    private typealias Pair = (text: String, label: String)

    private func check(_ url: URL) throws(TrainingFailure) {
        let labels = labels
        guard labels.count >= 2 else {
            throw TrainingFailure(
                "\(url.path) has \(rows.count) usable rows with \(labels.count) different labels: it needs at least two labels.")
        }
        guard labels.count <= Self.mostLabels else {
            throw TrainingFailure(
                "\(url.path) has \(labels.count) different labels, the most is \(Self.mostLabels): is the label's column the "
                    + "right one?")
        }
        guard labels.allSatisfy({ $0.utf8.count <= 128 }) else {
            throw TrainingFailure("\(url.path) has a label of more than 128 bytes: is the label's column the right one?")
        }
    }

    private static let mostLabels = 256

    /// In alphabetical order.
    package var labels: [String] { Set(rows.map(\.label)).sorted() }

    private static func commaSeparated(
        _ bytes: [UInt8], _ textColumn: String, _ labelColumn: String
    ) throws(TrainingFailure) -> [Pair] {
        let rows = try CommaSeparatedValues.read(bytes)
        guard let heading = rows.first else { throw TrainingFailure("is empty: name a file with a heading and rows.") }
        let columns = heading.fields.map(trimmed)
        func column(_ name: String, _ flag: String) throws(TrainingFailure) -> Int {
            let found = columns.indices.filter { columns[$0] == name }
            guard found.count == 1 else {
                throw TrainingFailure(
                    "has \(found.isEmpty ? "no column" : "more than one column") \(name.prefix(40)) in its first line, which names "
                        + "\(columns.prefix(20).joined(separator: ", ").prefix(300)): choose one with \(flag).")
            }
            return found[0]
        }
        let text = try column(textColumn, "--text-column"), label = try column(labelColumn, "--label-column")
        var pairs: [Pair] = []
        for row in rows.dropFirst() {
            guard row.fields.count == columns.count else {
                throw TrainingFailure(
                    "line \(row.line): has \(row.fields.count) fields, the first line \(columns.count): put fields with a comma in "
                        + "double quotes.")
            }
            pairs.append((row.fields[text], row.fields[label]))
        }
        return pairs
    }

    private static func objects(
        _ data: Data, _ textColumn: String, _ labelColumn: String
    ) throws(TrainingFailure) -> [Pair] {
        var pairs: [Pair] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let object = try? JSONSerialization.jsonObject(with: Data(line))
            guard let fields = object as? [String: Any] else {
                throw TrainingFailure("line \(index + 1): is no JSON object: give one a line, or name the file .csv.")
            }
            guard let text = value(fields[textColumn]), let label = value(fields[labelColumn]) else {
                throw TrainingFailure(
                    "line \(index + 1): lacks \(textColumn.prefix(40)) or \(labelColumn.prefix(40)) as a string: choose others "
                        + "with --text-column and --label-column.")
            }
            pairs.append((text, label))
        }
        return pairs
    }

    /// null is an empty value: the row is left out and counted.
    private static func value(_ field: Any?) -> String? {
        if let text = field as? String { return text }
        if field is NSNull { return "" }
        return (field as? NSNumber)?.stringValue
    }

    private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// Rows to learn from and rows to judge by.
package struct ExampleSplit: Sendable {
    package let training: [LabelledText]
    package let development: [LabelledText]

    /// About `share` of each label's rows go to development, drawn by the seed. Rows of the same loose text stay on one side, so
    /// that a repeated post is not judged by its copy; a label with a single text goes to training alone.
    package init(_ rows: [LabelledText], share: Double = 0.2, seed: UInt64) {
        var order: [String: [LooseText]] = [:]
        var labelOf: [LooseText: String] = [:]
        for row in rows {
            let loose = LooseText(row.text)
            if labelOf.updateValue(labelOf[loose] ?? row.label, forKey: loose) == nil {
                order[row.label, default: []].append(loose)
            }
        }
        var chosen: Set<LooseText> = []
        for (index, label) in order.keys.sorted().enumerated() {
            var random = RandomSource(seed: seed, stream: 11, UInt64(index))
            let texts = (order[label] ?? []).shuffled(using: &random)
            let count = texts.count < 2 ? 0 : max(1, Int((Double(texts.count) * share).rounded()))
            chosen.formUnion(texts.prefix(count))
        }
        training = rows.filter { !chosen.contains(LooseText($0.text)) }
        development = rows.filter { chosen.contains(LooseText($0.text)) }
    }
}
