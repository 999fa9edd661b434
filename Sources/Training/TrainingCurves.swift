// The curves of a run, from its log: loss, figures on development data, learning rate. Reads the log's lines whatever else they
// hold; the drawing is LineChart's.
internal import Evaluation
package import Foundation

package struct TrainingCurves {
    private struct Line: Decodable {
        let step: Int
        let loss: Double?
        let losses: [String: Double]?
        let rate: Double?
        let development: [String: Double]?
    }

    private var lossOf: [Int: Double] = [:]
    private var lossesOf: [String: [Int: Double]] = [:]
    private var rateOf: [Int: Double] = [:]
    private var developmentOf: [String: [Int: Double]] = [:]

    /// A run that was resumed says some steps again: the last word counts. Lines that are none of a run's are passed over.
    package init(log: URL) throws(TrainingFailure) {
        guard let data = try? Data(contentsOf: log) else {
            throw TrainingFailure("The log \(log.path) cannot be read: name the work directory of a training.")
        }
        let decoder = JSONDecoder()
        for bytes in data.split(separator: 0x0A) {
            guard let line = try? decoder.decode(Line.self, from: Data(bytes)) else { continue }
            if let loss = line.loss { lossOf[line.step] = loss }
            if let rate = line.rate { rateOf[line.step] = rate }
            for (name, value) in line.losses ?? [:] { lossesOf[name, default: [:]][line.step] = value }
            for (name, value) in line.development ?? [:] { developmentOf[name, default: [:]][line.step] = value }
        }
        guard !lossOf.isEmpty || !developmentOf.isEmpty else {
            throw TrainingFailure("The log \(log.path) holds no step of a training: name the work directory of one.")
        }
    }

    package var picture: String {
        var charts = [LineChart(title: "loss", xTitle: "step", series: [series("all tasks", lossOf)])]
        if lossesOf.count > 1 {
            let learned = lossesOf.filter { $0.value.values.contains { $0 != 0 } }
            charts.append(LineChart(title: "loss by task", xTitle: "step", series: named(learned)))
        }
        if !developmentOf.isEmpty {
            charts.append(LineChart(title: "development data", xTitle: "step", series: named(developmentOf)))
        }
        charts.append(LineChart(title: "learning rate", xTitle: "step", series: [series("top layer", rateOf)]))
        return LineChart.svg(charts, columns: 2)
    }

    private func named(_ values: [String: [Int: Double]]) -> [LineChart.Series] {
        values.sorted { $0.key < $1.key }.map { series($0.key, $0.value) }
    }

    /// At most some hundred points, each the mean of as many steps: a picture of a long run stays small.
    private func series(_ name: String, _ values: [Int: Double]) -> LineChart.Series {
        let sorted = values.sorted { $0.key < $1.key }
        let size = (sorted.count + Self.mostPoints - 1) / Self.mostPoints
        let points = stride(from: 0, to: sorted.count, by: max(1, size)).map { start -> (x: Double, y: Double) in
            let part = sorted[start..<min(start + size, sorted.count)]
            let count = Double(part.count)
            return (part.reduce(0) { $0 + Double($1.key) } / count, part.reduce(0) { $0 + $1.value } / count)
        }
        return LineChart.Series(name: name, points: points)
    }

    private static let mostPoints = 200
}
