// The processor time that an ablation has used, of all threads: what its budget counts. Kept in a file per run, so that what an
// interrupted run used is not forgotten.
internal import Foundation

struct CoreSeconds {
    private let file: URL
    private let before: Double
    private let atStart = CoreSeconds.ofProcess

    /// `file` holds what earlier attempts at the same run used.
    init(file: URL) {
        self.file = file
        before = Self.kept(in: file)
    }

    static func kept(in file: URL) -> Double {
        (try? String(contentsOf: file, encoding: .utf8)).flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }

    var used: Double { before + Self.ofProcess - atStart }

    func keep() { try? Data("\(used)\n".utf8).write(to: file, options: .atomic) }

    /// User and system time of this process, all threads.
    private static var ofProcess: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
