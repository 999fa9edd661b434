// Keeps rows of development and test files out of training: by the loose text, over every such file of the data
// directory.
package import Evaluation
package import Foundation

package struct LeakGuard: Sendable {
    private let known: Set<LooseText>
    /// The files whose rows are guarded, as paths below the data directory.
    package let files: [String]

    /// Reads every `dev.jsonl` and `test.jsonl` below `directory`, but for `exceptions` (paths below it): files
    /// whose rows are another data set's official training rows, and on which nothing is measured.
    package init(directory: URL, exceptions: Set<String> = []) throws(DatasetFailure) {
        var known = Set<LooseText>()
        let paths = (FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? [])
            .filter {
                ["dev.jsonl", "test.jsonl"].contains(($0 as NSString).lastPathComponent) && !exceptions.contains($0)
            }
            .sorted()
        for path in paths {
            for text in try DatasetReader.texts(directory.appendingPathComponent(path)) {
                let loose = LooseText(text)
                if !loose.isEmpty { known.insert(loose) }
            }
        }
        self.known = known
        files = paths
    }

    /// For data without files to guard, and where the user insists on training on everything.
    package static let off = LeakGuard()

    private init() {
        known = []
        files = []
    }

    package func refuses(_ text: String) -> Bool { known.contains(LooseText(text)) }
}
