// The known name that a mistyped one was probably meant to be.

enum NearestName {
    /// nil where nothing is near: more than a third of the letters would have to change.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, max(name.utf8.count, best.name.utf8.count) / 3) else { return nil }
        return best.name
    }

    /// Levenshtein's distance, with one row of the table kept.
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        // Names of settings are short; a long one is no near miss and must not cost quadratic time.
        guard left.count <= 64, right.count <= 64 else { return .max }
        var row = Array(0...right.count)
        for (leftIndex, leftByte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = leftIndex + 1
            for (rightIndex, rightByte) in right.enumerated() {
                let above = row[rightIndex + 1]
                let change = diagonal + (leftByte == rightByte ? 0 : 1)
                row[rightIndex + 1] = min(change, above + 1, row[rightIndex] + 1)
                diagonal = above
            }
        }
        return row[right.count]
    }
}
