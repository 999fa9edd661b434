// Prometheus' text exposition format 0.0.4: what is escaped where, and how histograms are spelled.

enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func append(
        _ metric: MetricDefinition, _ series: [[String]: PrometheusRegistry.Series], to text: inout String
    ) {
        // What ProcessMetrics reads at the time of asking has no series here.
        if ProcessMetrics.definitions.contains(metric) { return }
        appendHeader(metric, to: &text)
        for (values, series) in series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let labels = zip(metric.labels, values).map { (name: $0, value: $1) }
            guard case .histogram(let bounds) = metric.kind else {
                appendLine(metric.name, labels, series.value, to: &text)
                continue
            }
            var count: UInt64 = 0
            for (bound, bucket) in zip(bounds.map(number) + ["+Inf"], series.buckets) {
                count += bucket
                appendLine(metric.name + "_bucket", labels + [("le", bound)], Double(count), to: &text)
            }
            appendLine(metric.name + "_sum", labels, series.value, to: &text)
            appendLine(metric.name + "_count", labels, Double(count), to: &text)
        }
    }

    static func appendHeader(_ metric: MetricDefinition, to text: inout String) {
        text += "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n"
        text += "# TYPE \(metric.name) \(metric.kind.name)\n"
    }

    static func appendLine(
        _ name: String, _ labels: [(name: String, value: String)], _ value: Double, to text: inout String
    ) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(number(value))\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
