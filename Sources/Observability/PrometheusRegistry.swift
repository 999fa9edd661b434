// Holds the values of all metrics. Any thread may write; a write takes one lock shortly. Meant for a call a batch,
// not a call a record.
internal import Synchronization

package final class PrometheusRegistry: Sendable {
    /// Series of one metric; more would mean that a label is not bounded. Partitions are the largest label by far.
    package static let mostSeries = 10_000

    struct Series: Sendable {
        /// Counters and gauges; the sum of histograms.
        var value = 0.0
        /// Histograms: how many values fell into each bucket, the last being the one without bound.
        var buckets: [UInt64] = []
    }

    private struct State: Sendable {
        var series: [[[String]: Series]]
    }

    private let state: Mutex<State>
    private let places: [String: Int]

    package init() {
        places = Dictionary(uniqueKeysWithValues: MetricCatalogue.all.enumerated().map { ($1.name, $0) })
        // What has no labels exists from the start, so that rates begin at 0.
        let series = MetricCatalogue.all.map { metric -> [[String]: Series] in
            metric.labels.isEmpty && metric.kind == .counter ? [[]: Series()] : [:]
        }
        state = Mutex(State(series: series))
    }

    package func add(_ amount: Int = 1, to counter: CounterMetric, _ labels: String...) {
        precondition(amount >= 0, "a counter only rises")
        update(counter.definition, labels) { $0.value += Double(amount) }
    }

    package func set(_ value: Double, _ gauge: GaugeMetric, _ labels: String...) {
        update(gauge.definition, labels) { $0.value = value }
    }

    package func observe(_ value: Double, _ histogram: HistogramMetric, _ labels: String...) {
        guard case .histogram(let bounds) = histogram.definition.kind else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        update(histogram.definition, labels) { series in
            if series.buckets.isEmpty { series.buckets = [UInt64](repeating: 0, count: bounds.count + 1) }
            series.buckets[bucket] += 1
            series.value += value
        }
    }

    package func observe(_ duration: Duration, _ histogram: HistogramMetric, _ label: String) {
        observe(duration / .seconds(1), histogram, label)
    }

    /// Takes a series away, such as the lag of a partition that went to another instance.
    package func remove(_ gauge: GaugeMetric, _ labels: String...) {
        guard let place = places[gauge.definition.name] else { return }
        state.withLock { _ = $0.series[place].removeValue(forKey: labels) }
    }

    private func update(_ metric: MetricDefinition, _ labels: [String], _ change: (inout Series) -> Void) {
        precondition(labels.count == metric.labels.count, "\(metric.name) has the labels \(metric.labels)")
        guard let place = places[metric.name] else { preconditionFailure("\(metric.name) is not in the catalogue") }
        state.withLock { state in
            if state.series[place].count >= Self.mostSeries, state.series[place][labels] == nil {
                let dropped = places[CounterMetric.droppedSeries.definition.name]
                if let dropped { state.series[dropped][[], default: Series()].value += 1 }
                return
            }
            change(&state.series[place][labels, default: Series()])
        }
    }

    /// Everything in Prometheus' text format 0.0.4.
    package func exposition() -> String {
        let snapshot = state.withLock { $0.series }
        var text = ""
        for (metric, series) in zip(MetricCatalogue.all, snapshot) {
            PrometheusText.append(metric, series, to: &text)
        }
        ProcessMetrics.append(to: &text)
        return text
    }
}
