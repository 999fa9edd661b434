// What a metric is: its name, help, labels. The kinds are types of their own, so that a counter cannot be set nor a
// gauge observed. MetricCatalogue lists them all.

package struct MetricDefinition: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case counter
        case gauge
        /// Upper bounds of the buckets, ascending, without infinity.
        case histogram([Double])

        package var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    package let name: String
    package let help: String
    package let kind: Kind
    /// Every series has a value for each, in this order.
    package let labels: [String]
}

/// Only ever rises.
package struct CounterMetric: Sendable {
    package let definition: MetricDefinition

    init(_ name: String, _ help: String, _ labels: String...) {
        definition = MetricDefinition(name: name, help: help, kind: .counter, labels: labels)
    }
}

/// A state: rises and falls.
package struct GaugeMetric: Sendable {
    package let definition: MetricDefinition

    init(_ name: String, _ help: String, _ labels: String...) {
        definition = MetricDefinition(name: name, help: help, kind: .gauge, labels: labels)
    }
}

/// How often values fell below each of some bounds.
package struct HistogramMetric: Sendable {
    package let definition: MetricDefinition

    init(_ name: String, _ help: String, _ bounds: [Double], _ labels: String...) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds must ascend")
        definition = MetricDefinition(name: name, help: help, kind: .histogram(bounds), labels: labels)
    }
}
