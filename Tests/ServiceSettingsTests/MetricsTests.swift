// The catalogue is what the schema says, and the exposition is what Prometheus reads.
import Foundation
import Observability
import Testing

struct MetricsTests {
    @Test func theCatalogueIsTheSchema() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Schemas/metrics.json")
        let schema = try String(contentsOf: file, encoding: .utf8)
        #expect(
            schema == MetricCatalogue.json, "write the output of `winnow check --print-metrics` to Schemas/metrics.json"
        )
        let parsed = try JSONSerialization.jsonObject(with: Data(schema.utf8)) as? [[String: Any]]
        #expect(parsed?.count == MetricCatalogue.all.count)
    }

    @Test func namesFollowTheRules() {
        var seen: Set<String> = []
        for metric in MetricCatalogue.all {
            #expect(seen.insert(metric.name).inserted, "\(metric.name) twice")
            #expect(metric.name.hasPrefix("winnow_") || metric.name.hasPrefix("process_"))
            #expect(metric.name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") })
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(metric.labels.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } && $0 != "le" })
            #expect(metric.help.hasSuffix("."))
        }
    }

    private func lines(_ registry: PrometheusRegistry, _ prefix: String) -> [String] {
        registry.exposition().split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    @Test func countersGaugesAndHistograms() {
        let registry = PrometheusRegistry()
        #expect(lines(registry, "winnow_fenced_total") == ["winnow_fenced_total 0"])
        registry.add(3, to: .records, "inserted", "")
        registry.add(to: .records, "inserted", "")
        registry.add(2, to: .records, "dead", "missing_text")
        #expect(
            lines(registry, "winnow_records_total") == [
                #"winnow_records_total{outcome="dead",reason="missing_text"} 2"#,
                #"winnow_records_total{outcome="inserted",reason=""} 4"#,
            ])
        registry.set(7, .lagMessages, "posts", "0")
        registry.set(1.5, .lagSeconds, "posts", "0")
        #expect(lines(registry, "winnow_lag_seconds") == [#"winnow_lag_seconds{topic="posts",partition="0"} 1.5"#])
        registry.remove(.lagMessages, "posts", "0")
        #expect(lines(registry, "winnow_lag_messages{").isEmpty)
        for posts in [1.0, 3, 4, 1_000] { registry.observe(posts, .microBatchPosts) }
        #expect(
            lines(registry, "winnow_micro_batch_posts") == [
                #"winnow_micro_batch_posts_bucket{le="1"} 1"#, #"winnow_micro_batch_posts_bucket{le="2"} 1"#,
                #"winnow_micro_batch_posts_bucket{le="4"} 3"#, #"winnow_micro_batch_posts_bucket{le="8"} 3"#,
                #"winnow_micro_batch_posts_bucket{le="16"} 3"#, #"winnow_micro_batch_posts_bucket{le="32"} 3"#,
                #"winnow_micro_batch_posts_bucket{le="64"} 3"#, #"winnow_micro_batch_posts_bucket{le="128"} 3"#,
                #"winnow_micro_batch_posts_bucket{le="256"} 3"#, #"winnow_micro_batch_posts_bucket{le="+Inf"} 4"#,
                "winnow_micro_batch_posts_sum 1008", "winnow_micro_batch_posts_count 4",
            ])
        registry.observe(.milliseconds(30), .stageSeconds, "encode")
        #expect(
            lines(registry, #"winnow_stage_seconds_bucket{stage="encode",le="0.025"}"#).first?.hasSuffix(" 0") == true)
        #expect(
            lines(registry, #"winnow_stage_seconds_bucket{stage="encode",le="0.05"}"#).first?.hasSuffix(" 1") == true)
    }

    @Test func labelsAreEscaped() {
        let registry = PrometheusRegistry()
        registry.set(1, .build, "a\\b", "c\"d", "e\nf")
        #expect(
            lines(registry, "winnow_build_info") == [#"winnow_build_info{version="a\\b",model="c\"d",mask="e\nf"} 1"#])
    }

    /// A reader of the format, written from its description alone.
    @Test func theExpositionIsWellFormed() throws {
        let registry = PrometheusRegistry()
        registry.add(to: .records, "skipped", "other_collection")
        registry.set(.infinity, .lagSeconds, "posts", "1")
        registry.set(.nan, .lagSeconds, "posts", "2")
        registry.observe(0.5, .stageSeconds, "deliver")
        let text = registry.exposition()
        #expect(text.hasSuffix("\n"))
        let sample = /^([a-z_]+)(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/
        var types: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# TYPE ") {
                #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil)
            } else if !line.hasPrefix("# HELP ") {
                let match = try #require(try sample.wholeMatch(in: line), "\(line)")
                let name = String(match.1)
                let family = ["_bucket", "_sum", "_count"].reduce(name) { name, ending in
                    name.hasSuffix(ending) && types[String(name.dropLast(ending.count))] == "histogram"
                        ? String(name.dropLast(ending.count)) : name
                }
                #expect(types[family] != nil, "\(line) before its TYPE")
            }
        }
        #expect(types["winnow_records_total"] == "counter")
        #expect(types["process_resident_memory_bytes"] == "gauge")
        #expect(
            lines(registry, "process_resident_memory_bytes").first.flatMap {
                Double($0.split(separator: " ").last ?? "")
            } ?? 0 > 1_000_000)
    }

    @Test func seriesAreBounded() {
        let registry = PrometheusRegistry()
        for number in 0..<PrometheusRegistry.mostSeries + 5 { registry.set(1, .lagMessages, "posts", String(number)) }
        #expect(lines(registry, "winnow_lag_messages{").count == PrometheusRegistry.mostSeries)
        #expect(lines(registry, "winnow_metric_series_dropped_total") == ["winnow_metric_series_dropped_total 5"])
    }

    @Test func manyThreadsLoseNothing() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<5_000 { registry.add(to: .retries, "wait") } }
            }
        }
        #expect(lines(registry, "winnow_retries_total") == [#"winnow_retries_total{class="wait"} 20000"#])
    }
}
