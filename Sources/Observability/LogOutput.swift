// How log lines leave the process: whole, one after another, to standard error, with known secrets struck out.
internal import Foundation
package import Logging
internal import Synchronization

package enum LogFormat: String, Sendable {
    /// A line for people.
    case text
    /// A JSON object a line.
    case json
}

/// Shared by all loggers of the process.
package final class LogOutput: Sendable {
    private let format: LogFormat
    /// Longest first, so that a secret within another one does not leave the rest of it behind.
    private let secrets: [String]
    private let write: @Sendable (String) -> Void
    private let turn = Mutex<Void>(())

    /// - Parameters:
    ///   - secrets: never printed, whoever writes them into a message; texts below four characters are left alone, as
    ///     striking them out would spoil every line and tell the secret.
    ///   - write: takes a whole line with its end; by default standard error.
    package init(
        format: LogFormat, secrets: [String] = [],
        write: @escaping @Sendable (String) -> Void = { LogOutput.writeToStandardError($0) }
    ) {
        self.format = format
        self.secrets = secrets.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
        self.write = write
    }

    /// Makes every `Logger` of the process write here. Once, at the start.
    package func install(level: Logger.Level) {
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, output: self) }
    }

    /// A logger that writes here, without touching the rest of the process.
    package func logger(label: String, level: Logger.Level = .info) -> Logger {
        Logger(label: label) { LineLogHandler(label: $0, level: level, output: self) }
    }

    func write(_ level: Logger.Level, _ label: String, _ message: String, _ metadata: [(name: String, value: String)]) {
        let line =
            switch format {
            case .text: LogLine.text(level, label, redacted(message), metadata.map { ($0.name, redacted($0.value)) })
            case .json: LogLine.json(level, label, redacted(message), metadata.map { ($0.name, redacted($0.value)) })
            }
        turn.withLock { _ in write(line) }
    }

    private func redacted(_ text: String) -> String {
        var result = text
        for secret in secrets where result.contains(secret) {
            result = result.replacingOccurrences(of: secret, with: "***")
        }
        return result
    }

    /// Standard error may be a closed pipe: a log line is not worth ending for.
    private static func writeToStandardError(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// One per `Logger`; a value, as the library asks.
private struct LineLogHandler: LogHandler {
    let label: String
    let output: LogOutput
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, level: Logger.Level, output: LogOutput) {
        self.label = label
        self.output = output
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        output.write(
            event.level, label, event.message.description,
            all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) })
    }
}
