// Where `winnow label` reads and writes: files or standard streams. Finds out how far an earlier run came.
import Foundation

/// The descriptor is open as long as the command runs.
struct LabelInput {
    let descriptor: Int32
    /// Lines of a file; nil for standard input.
    let lineCount: Int?

    init(path: String?) throws(EnrichFailure) {
        guard let path, path != "-" else {
            descriptor = STDIN_FILENO
            lineCount = nil
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            throw EnrichFailure(description: "\(path) cannot be read: check the path and its permissions.")
        }
        let ends = bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
        lineCount = ends + (bytes.last.map { $0 == 0x0A ? 0 : 1 } ?? 0)
    }
}

struct LabelOutput {
    let descriptor: Int32
    let path: String?
    /// Whole lines that an earlier run wrote, and the last of them.
    let linesBefore: Int
    let lastLine: Data?

    /// Takes away the end of a file that was cut off in the middle of a line.
    init(path: String?) throws(EnrichFailure) {
        self.path = path
        guard let path else {
            (descriptor, linesBefore, lastLine) = (STDOUT_FILENO, 0, nil)
            return
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        else {
            throw EnrichFailure(description: "\(path) cannot be opened, or another winnow label writes it: \(POSIXFailure(code: errno)).")
        }
        linesBefore = bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
        let whole = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
        let before = whole > 0 ? bytes[..<(whole - 1)] : Data()
        lastLine = whole > 0 ? Data(before[((before.lastIndex(of: 0x0A) ?? -1) + 1)...]) : nil
        guard whole == bytes.count || ftruncate(descriptor, off_t(whole)) == 0 else {
            throw EnrichFailure(description: "\(path) ends in the middle of a line and cannot be shortened: \(POSIXFailure(code: errno)).")
        }
    }

    private struct Row: Decodable {
        /// Of a head or its words only the name is wanted.
        struct Named: Decodable {
            init(from decoder: any Decoder) {}
        }
        let model: String?
        let text: String?
        let heads: [String: Named]?
        let words: [String: Named]?
    }

    /// Whether the last line there is can be what this model would say of this input line's text, with these heads.
    func goesOn(model: String, heads: Set<String>, lastText: String?) throws(EnrichFailure) {
        guard let path, let lastLine else { return }
        let row = try? JSONDecoder().decode(Row.self, from: lastLine)
        if let named = row?.model, named != model {
            throw EnrichFailure(description: "\(path) was written by the model \(named), this is \(model): name another --output.")
        }
        if row?.model != nil, let written = row?.heads, Set(written.keys).union((row?.words ?? [:]).keys) != heads {
            throw EnrichFailure(
                description: "\(path) was written with other heads: repeat --all-heads as it was, or name another --output.")
        }
        if row == nil || row?.text != lastText {
            throw EnrichFailure(description: "\(path) does not fit the input up to its line \(linesBefore): name another --output.")
        }
    }

    func flush() { if path != nil { _ = fdatasync(descriptor) } }
}
