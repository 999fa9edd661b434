// Metrics against scikit-learn and seqeval (Fixtures/make_metric_fixtures.py), and the corners those do not show.
// The golden values are committed; neither package is needed here.
import Evaluation
import Foundation
import Testing

private struct MetricFixture: Decodable {
    struct Classes: Decodable {
        let labels: [String]
        let truth: [Int]
        let given: [Int]
        let confidence: [Double]
        let metrics: [String: Double]
        let per_label: [String: [Double]]
    }
    struct Spans: Decodable {
        let truth: [[String]]
        let given: [[String]]
        let metrics: [String: Double]
        let per_label: [String: [Double]]
    }
    let classes: Classes
    let spans: Spans

    static func read() throws -> MetricFixture {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/metrics", withExtension: "json"))
        return try JSONDecoder().decode(MetricFixture.self, from: Data(contentsOf: url))
    }
}

@Suite struct MetricTests {
    @Test func classesAgreeWithScikitLearn() throws {
        let golden = try MetricFixture.read().classes
        let answers = golden.truth.indices.map {
            (truth: golden.truth[$0], given: golden.given[$0], confidence: golden.confidence[$0])
        }
        let report = EvaluationReport.classes(
            task: "mood", model: "m", mask: "none", labels: golden.labels, answers: answers)
        check(report, golden.metrics, golden.per_label)
        #expect(report.perLabel["unused"] == nil)
        #expect(report.confusion?.values.reduce(0) { $0 + $1.values.reduce(0, +) } == answers.count)
        for (name, interval) in report.intervals {
            let value = try #require(report.metrics[name])
            #expect(interval[0] < value && value < interval[1] && interval[1] - interval[0] < 0.2)
        }
    }

    @Test func spansAgreeWithSeqeval() throws {
        let golden = try MetricFixture.read().spans
        var scores = SpanScores()
        for (truth, given) in zip(golden.truth, golden.given) {
            scores.add(truth: EntityChunk.chunks(of: truth), given: EntityChunk.chunks(of: given))
        }
        check(
            EvaluationReport.spans(task: "names", model: "m", mask: "none", scores: scores), golden.metrics,
            golden.per_label)
    }

    private func check(_ report: EvaluationReport, _ metrics: [String: Double], _ perLabel: [String: [Double]]) {
        for (name, expected) in metrics {
            #expect(abs((report.metrics[name] ?? -1) - expected) < 1e-12, "\(name)")
        }
        for (label, expected) in perLabel {
            let scores = report.perLabel[label]
            let actual = scores.map { [$0.precision, $0.recall, $0.f1, Double($0.support)] } ?? []
            #expect(
                actual.count == expected.count && zip(actual, expected).allSatisfy { abs($0 - $1) < 1e-12 },
                "\(label)")
        }
    }

    @Test func theBootstrapIsSeeded() {
        let values = (0..<50).map { Double($0 % 7) }
        func interval(_ seed: UInt64) -> [Double] {
            Bootstrap(seed: seed, resamples: 200).interval(rowCount: values.count) { rows in
                rows.reduce(0) { $0 + values[$1] } / Double(rows.count)
            }
        }
        #expect(interval(1) == interval(1))
        #expect(interval(1) != interval(2))
    }

    @Test func anEmptyDataSetGivesZerosNotNumbersOutOfNothing() {
        let report = EvaluationReport.classes(task: "t", model: "m", mask: "none", labels: ["a"], answers: [])
        #expect(report.metrics.values.allSatisfy { $0 == 0 })
    }

    @Test func theJSONHasTheContractsKeys() throws {
        let report = EvaluationReport.classes(
            task: "t", model: "m", mask: "rules", labels: ["a", "b"], answers: [(0, 0, 0.9), (1, 0, 0.6)])
        let json = try report.json()
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        for key in ["task", "kind", "rows", "model", "mask", "metrics", "per_label"] { #expect(object[key] != nil) }
        #expect(!json.contains("\n"))
        #expect(report.table.contains("macro_recall"))
    }
}
