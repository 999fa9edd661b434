// Pictures: well-formed whatever the numbers and names are, and with the numbers in the right place.
import Evaluation
import Foundation
import Testing
import Training

@Suite struct ChartTests {
    /// Every opened element is closed in order, and no attribute holds what is no number.
    private func isWellFormed(_ svg: String) -> Bool {
        var open: [Substring] = []
        var rest = svg[...]
        while let start = rest.firstIndex(of: "<") {
            guard let end = rest[start...].firstIndex(of: ">") else { return false }
            let tag = rest[rest.index(after: start)..<end]
            if tag.first == "/" {
                if open.popLast() != tag.dropFirst() { return false }
            } else if tag.last != "/" {
                open.append(tag.prefix { $0 != " " })
            }
            rest = rest[rest.index(after: end)...]
        }
        return open.isEmpty && !svg.contains("nan") && !svg.contains("inf\"")
    }

    @Test func hostileNumbersAndNamesAreDrawn() {
        let charts = [
            LineChart(title: "a < b & \"c\"", xTitle: "x", series: [.init(name: "</svg>", points: [(0, 0), (1, 1)])]),
            LineChart(title: "none", xTitle: "x", series: []),
            LineChart(title: "one point", xTitle: "x", series: [.init(name: "s", points: [(3, 7)])]),
            LineChart(title: "no numbers", xTitle: "x", series: [.init(name: "s", points: [(.nan, 1), (1, .infinity)])]),
            LineChart(title: "tiny", xTitle: "x", series: [.init(name: "s", points: [(0, 1e-9), (1, 2e-9)])]),
            LineChart(title: "huge", xTitle: "x", series: [.init(name: "s", points: [(-1e9, -1e12), (1e9, 1e12)])]),
            LineChart(
                title: "many", xTitle: "x",
                series: (0..<12).map { .init(name: "series \($0)", points: [(0, Double($0)), (1, 1)]) }),
        ]
        let svg = LineChart.svg(charts, columns: 2)
        #expect(isWellFormed(svg))
        #expect(svg.contains("a &lt; b &amp; &quot;c&quot;"))
    }

    @Test func pointsLieWhereTheAxesSay() {
        let svg = LineChart.svg([
            LineChart(title: "t", xTitle: "x", series: [.init(name: "s", points: [(0, 0), (5, 50), (10, 100)])])
        ])
        // The plot runs from 52 to 414 and from 244 up to 34.
        #expect(svg.contains("M52 244L233 139L414 34"))
        #expect(svg.contains(">100</text>") && svg.contains(">10</text>"))
    }

    @Test func aLogBecomesCurves() throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: log) }
        var lines = (1...500).map {
            #"{"step":\#($0 * 20),"loss":\#(10.0 / Double($0)),"losses":{"mood":0.5,"names":0.2},"rate":1e-5,"epoch":0.1}"#
        }
        lines += [#"{"step":20,"loss":4.5,"rate":2e-5}"#, "half a li", #"{"step":400,"development":{"mood f1":0.5},"mean":0.5}"#]
        try Data(lines.joined(separator: "\n").utf8).write(to: log)
        let picture = try TrainingCurves(log: log).picture
        #expect(isWellFormed(picture) && picture.utf8.count < 40_000)
        for name in ["loss by task", "mood", "names", "development data", "learning rate"] {
            #expect(picture.contains(name), "\(name)")
        }
        try Data("nothing".utf8).write(to: log)
        #expect(throws: TrainingFailure.self) { try TrainingCurves(log: log) }
        #expect(throws: TrainingFailure.self) { try TrainingCurves(log: log.appendingPathExtension("gone")) }
    }
}
