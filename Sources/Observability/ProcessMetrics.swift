// The process's own figures under the names that dashboards know, read from /proc when they are asked for. Where there
// is no /proc they are left out.
internal import Foundation

enum ProcessMetrics {
    private static let resident = MetricDefinition(
        name: "process_resident_memory_bytes", help: "Resident memory size in bytes.", kind: .gauge, labels: [])
    private static let processor = MetricDefinition(
        name: "process_cpu_seconds_total", help: "Total user and system CPU time in seconds.", kind: .counter,
        labels: [])
    private static let files = MetricDefinition(
        name: "process_open_fds", help: "Number of open file descriptors.", kind: .gauge, labels: [])
    private static let started = MetricDefinition(
        name: "process_start_time_seconds", help: "Start time of the process since the epoch in seconds.",
        kind: .gauge, labels: [])

    static let definitions = [resident, processor, files, started]

    static func append(to text: inout String) {
        let values: [(MetricDefinition, Double?)] = [
            (resident, residentBytes), (processor, processorSeconds), (files, openFiles), (started, startSeconds),
        ]
        for case (let metric, let value?) in values {
            PrometheusText.appendHeader(metric, to: &text)
            PrometheusText.appendLine(metric.name, [], value, to: &text)
        }
    }

    private static var residentBytes: Double? {
        guard let pages = words("/proc/self/statm").dropFirst().first.flatMap({ Double($0) }) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static var processorSeconds: Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static var openFiles: Double? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count) }
    }

    /// Field 22 of stat counts clock ticks from the machine's start; what stands in brackets before may hold blanks.
    private static var startSeconds: Double? {
        let stat = content("/proc/self/stat")
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[bracket...].split(separator: " ")
        let boot = content("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard fields.count > 20, let ticks = Double(fields[20]),
            let bootTime = boot.flatMap({ Double($0.dropFirst(6)) })
        else { return nil }
        return bootTime + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func words(_ path: String) -> [Substring] { content(path).split(separator: " ") }

    private static func content(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
