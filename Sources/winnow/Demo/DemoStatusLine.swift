// What the demo shows while it runs: one line that is written over on a terminal, a line every five seconds elsewhere.
// Goes to standard error, so that the tables alone are on standard output.
import Foundation

struct DemoStatusLine {
    struct Reading {
        var elapsed: Duration
        var sent: Int
        var outcomes: [String: Int]
        var finished: Int { outcomes.values.reduce(0, +) }
        var lag: Int { max(0, sent - finished) }
    }

    private let isLive: Bool
    private let style: TerminalStyle
    private var last: (moment: Duration, finished: Int) = (.zero, 0)
    private var rate = 0.0
    private var lastPlain = Duration.seconds(-5)

    init(style: TerminalStyle) {
        isLive = isatty(FileHandle.standardError.fileDescriptor) == 1
        self.style = style
    }

    mutating func show(_ reading: Reading) {
        let step = (reading.elapsed - last.moment) / .seconds(1)
        if step >= 0.9 {
            // Smoothed over some seconds: deliveries come in steps.
            let current = Double(reading.finished - last.finished) / step
            rate = rate == 0 ? current : rate * 0.6 + current * 0.4
            last = (reading.elapsed, reading.finished)
        }
        if isLive {
            Self.write("\r\u{1B}[2K" + line(reading))
        } else if reading.elapsed - lastPlain >= .seconds(5) {
            lastPlain = reading.elapsed
            Self.write(line(reading) + "\n")
        }
    }

    /// Leaves the live line standing and goes to the next.
    mutating func finish(_ reading: Reading) {
        guard isLive || reading.elapsed != lastPlain else { return }
        Self.write((isLive ? "\r\u{1B}[2K" : "") + line(reading) + "\n")
    }

    func say(_ sentence: String) {
        Self.write((isLive ? "\r\u{1B}[2K" : "") + sentence + "\n")
    }

    private func line(_ reading: Reading) -> String {
        let seconds = Int(reading.elapsed / .seconds(1))
        var parts = [
            "\(seconds) s", "\(reading.sent.grouped) fed", style.bold("\(reading.finished.grouped) done"),
            "lag \(reading.lag.grouped)", "\(Int(rate.rounded()).grouped)/s",
        ]
        for outcome in ["inserted", "edited", "deleted", "hidden", "superseded", "skipped", "dead", "gap"] {
            guard let count = reading.outcomes[outcome], count > 0 else { continue }
            let text = "\(outcome) \(count.grouped)"
            parts.append(outcome == "dead" || outcome == "gap" ? style.red(text) : style.dim(text))
        }
        return parts.joined(separator: "  ")
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
