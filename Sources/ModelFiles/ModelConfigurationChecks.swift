// Every bound that a configuration must keep, so that nothing behind it has to doubt a size.

extension ModelConfiguration {
    /// Throws the first fault, naming the file and the key.
    package func check(source: String) throws(ModelFileFault) {
        func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(ModelFileFault) {
            if !holds { throw ModelFileFault("\(source): \(message()).") }
        }
        try require(
            format == Self.currentFormat, "format \(format) is not \(Self.currentFormat), which this version reads")
        try require(Self.isName(name), "name must be 1 to 64 letters, digits, dots, dashes or underscores")
        try require(Self.isName(version), "version must be 1 to 64 letters, digits, dots, dashes or underscores")
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("encoder.layers", encoder.layers, 1...48), ("encoder.width", encoder.width, 8...4096),
            ("encoder.heads", encoder.heads, 1...64), ("encoder.feed_forward", encoder.feedForward, 8...16384),
            ("encoder.vocabulary", encoder.vocabulary, 5...1_000_000),
            ("encoder.positions", encoder.positions, 8...8192),
            ("encoder.segments", encoder.segments, 1...16),
            ("tokenizer.maximum_tokens", tokenizer.maximumTokens, 8...1024),
        ]
        for (key, value, range) in bounds {
            try require(
                range.contains(value), "\(key) is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
        }
        try require(encoder.width % encoder.heads == 0, "encoder.width must be a multiple of encoder.heads")
        try require(
            encoder.normEpsilon >= 0 && encoder.normEpsilon < 1, "encoder.norm_epsilon must be from 0 to below 1")
        try require(
            tokenizer.maximumTokens <= encoder.positions, "tokenizer.maximum_tokens is above encoder.positions")
        try require(
            !tokenizer.file.isEmpty && !tokenizer.file.contains("/") && tokenizer.file != ".." && tokenizer.file != ".",
            "tokenizer.file must be a file name inside the folder")
        try require(heads.count <= 32, "there are \(heads.count) heads; the most is 32")
        try require(Set(heads.map(\.name)).count == heads.count, "two heads have the same name")
        for head in heads { try head.check(source: source) }
        try require(mask.hidden.map { (1...1024).contains($0) } ?? true, "mask.hidden must be 1 to 1024")
        try require(mask.threshold.map { (0...1).contains($0) } ?? true, "mask.threshold must be 0 to 1")
        try require((mask.hidden == nil) == (mask.features == nil), "mask.hidden and mask.features belong together")
        try require(mask.features.map { (1...1024).contains($0) } ?? true, "mask.features must be 1 to 1024")
        try require(
            mask.defaultMode != .learned || mask.hidden != nil, "mask.default is learned, but mask.hidden is missing")
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension HeadSettings {
    func check(source: String) throws(ModelFileFault) {
        func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(ModelFileFault) {
            if !holds { throw ModelFileFault("\(source): head \"\(name.prefix(64))\": \(message()).") }
        }
        try require(
            ModelConfiguration.isName(name), "its name must be 1 to 64 letters, digits, dots, dashes or underscores")
        try require((1...1024).contains(labels.count), "it must have 1 to 1024 labels")
        try require(Set(labels).count == labels.count, "two labels are the same")
        try require(
            labels.allSatisfy { !$0.isEmpty && $0.utf8.count <= 128 }, "a label is empty or longer than 128 bytes")
        try require(hidden.map { (1...4096).contains($0) } ?? true, "hidden must be 1 to 4096")
        try require(temperature.isFinite && temperature >= 1e-3, "temperature must be at least 0.001")
        try require(abstainThreshold.map { (0...1).contains($0) } ?? true, "abstain_threshold must be 0 to 1")
        guard kind == .spans else { return }
        try require(labels.contains("O"), "span labels must have O")
        for label in labels where label != "O" {
            let type = label.dropFirst(2)
            try require(
                (label.hasPrefix("B-") || label.hasPrefix("I-")) && !type.isEmpty,
                "span labels are O, B-type and I-type")
            try require(labels.contains("B-\(type)"), "an I- label has no B- label beside it")
        }
    }
}
