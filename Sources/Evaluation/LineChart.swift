// Small line charts as SVG: curves of a training, quality against noise. The one place that draws; it knows numbers and names,
// not what they mean.
internal import Foundation

package struct LineChart: Sendable {
    package struct Series: Sendable {
        package let name: String
        package let points: [(x: Double, y: Double)]

        package init(name: String, points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
        }
    }

    package let title: String
    package let xTitle: String
    package let series: [Series]

    /// Points that are no numbers are left out; a chart without points is drawn empty.
    package init(title: String, xTitle: String, series: [Series]) {
        self.title = title
        self.xTitle = xTitle
        self.series = series
    }

    private static let width = 430.0
    private static let plotLeft = 52.0
    private static let plotTop = 34.0
    private static let plotWidth = 362.0
    private static let plotHeight = 210.0
    private static let legendLine = 16.0
    /// Distinguishable with any kind of colour blindness (Okabe and Ito, 2008), the yellow left out.
    private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#56B4E9", "#E69F00"]
    /// A second sign beside the colour, for lines that lie on one another and for prints in grey.
    private static let dashes = ["", "6 3", "2 2", "8 3 2 3", "", "6 3", "2 2"]

    /// The charts side by side, at most `columns` in a row, as one document.
    package static func svg(_ charts: [LineChart], columns: Int = 3) -> String {
        let columns = max(1, min(columns, charts.count))
        let rows = stride(from: 0, to: charts.count, by: columns).map {
            Array(charts[$0..<min($0 + columns, charts.count)])
        }
        var body = ""
        var top = 0.0
        for row in rows {
            for (column, chart) in row.enumerated() {
                body += "<g transform=\"translate(\(number(Double(column) * width)) \(number(top)))\">\n"
                body += chart.body + "</g>\n"
            }
            top += row.map(\.height).max() ?? 0
        }
        let size = (number(Double(columns) * width), number(top))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(size.0)" height="\(size.1)" \
            viewBox="0 0 \(size.0) \(size.1)" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>
            \(body)</svg>

            """
    }

    private var height: Double { Self.plotTop + Self.plotHeight + 46 + Double(legendLines.count) * Self.legendLine }

    private var body: String {
        let all = series.flatMap(\.points)
        let x = Axis(all.map(\.x)), y = Axis(all.map(\.y))
        func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
            (
                Self.plotLeft + x.share(point.x) * Self.plotWidth,
                Self.plotTop + (1 - y.share(point.y)) * Self.plotHeight
            )
        }
        var lines = [
            "<text x=\"\(Self.number(Self.plotLeft))\" y=\"18\" font-size=\"13\" font-weight=\"bold\">"
                + "\(Self.escaped(title))</text>"
        ]
        for tick in y.ticks {
            let at = place((x.low, tick)).y
            lines.append(Self.line(Self.plotLeft, at, Self.plotLeft + Self.plotWidth, at, "#DDDDDD"))
            lines.append(Self.text(Self.plotLeft - 6, at + 4, y.label(tick), anchor: "end"))
        }
        let bottom = Self.plotTop + Self.plotHeight
        for tick in x.ticks {
            let at = place((tick, y.low)).x
            lines.append(Self.line(at, bottom, at, bottom + 4, "#888888"))
            lines.append(Self.text(at, bottom + 16, x.label(tick), anchor: "middle"))
        }
        lines.append(Self.line(Self.plotLeft, bottom, Self.plotLeft + Self.plotWidth, bottom, "#888888"))
        lines.append(Self.text(Self.plotLeft + Self.plotWidth / 2, bottom + 32, xTitle, anchor: "middle"))
        for (index, series) in series.enumerated() { lines += Self.drawn(series, index, place) }
        for (row, entries) in legendLines.enumerated() {
            let at = bottom + 50 + Double(row) * Self.legendLine
            for entry in entries {
                let left = Self.plotLeft + entry.left
                lines.append(Self.stroke("M\(Self.number(left)) \(Self.number(at - 4))h20", entry.index))
                lines.append(Self.text(left + 25, at, series[entry.index].name, anchor: "start"))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func drawn(
        _ series: Series, _ index: Int, _ place: ((x: Double, y: Double)) -> (x: Double, y: Double)
    ) -> [String] {
        let points = series.points.map(place)
        guard let first = points.first else { return [] }
        let path = points.dropFirst().map { "L\(number($0.x)) \(number($0.y))" }.joined()
        var lines = [stroke("M\(number(first.x)) \(number(first.y))\(path)", index)]
        // Single measurements are worth a mark; hundreds of them are a line.
        if points.count <= 24 {
            lines += points.map {
                "<circle cx=\"\(number($0.x))\" cy=\"\(number($0.y))\" r=\"2.5\" fill=\"\(colours[index % colours.count])\"/>"
            }
        }
        return lines
    }

    /// Names in as many lines as they need, by a rough width of letters.
    private var legendLines: [[(index: Int, left: Double)]] {
        var lines: [[(index: Int, left: Double)]] = [[]]
        var left = 0.0
        for (index, series) in series.enumerated() {
            let width = 40 + Double(series.name.count) * 6.2
            if left > 0, left + width > Self.plotWidth {
                lines.append([])
                left = 0
            }
            lines[lines.count - 1].append((index, left))
            left += width
        }
        return lines
    }

    private static func stroke(_ path: String, _ index: Int) -> String {
        let dash = dashes[index % dashes.count]
        let pattern = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colours[index % colours.count])\" stroke-width=\"1.6\"\(pattern)/>"
    }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
        "<path d=\"M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))\" stroke=\"\(colour)\"/>"
    }

    private static func text(_ x: Double, _ y: Double, _ text: String, anchor: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"#333333\">\(escaped(text))</text>"
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}

/// A range in round steps of 1, 2 or 5 times a power of ten.
private struct Axis {
    let low: Double
    let high: Double
    let ticks: [Double]
    private let decimals: Int

    init(_ values: [Double]) {
        let least = values.min() ?? 0
        let most = values.max() ?? 1
        let spread = most > least ? most - least : max(abs(most), 1) * 0.1
        let rough = spread / 5
        let power = pow(10, (log10(rough)).rounded(.down))
        let step = power * ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10)
        low = (least / step).rounded(.down) * step
        high = max((most / step).rounded(.up) * step, low + step)
        let count = Int(((high - low) / step).rounded())
        let start = low
        ticks = (0...count).map { start + Double($0) * step }
        decimals = max(0, Int(-log10(step).rounded(.down)))
    }

    func share(_ value: Double) -> Double { (value - low) / (high - low) }

    func label(_ tick: Double) -> String {
        if decimals > 4 { return String(format: "%.1e", tick) }
        return String(format: "%.\(decimals)f", tick == 0 ? 0 : tick)
    }
}
