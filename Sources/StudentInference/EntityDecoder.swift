// From the logits of a span head to mentions with code points and the post's own text.
internal import ModelFiles
internal import Posts
internal import Tokenization

enum EntityDecoder {
    /// `logits` (kept tokens, labels) of one post; overwritten.
    static func mentions(
        logits: UnsafeMutableBufferPointer<Float>, request: EnrichmentRequest, decoder: SpanDecoder, temperature: Float
    ) -> [EntityMention] {
        let count = decoder.labels.count
        let tokens = request.post.tokens.tokens
        let kept = request.post.mask.kept
        // The first kept piece of each word scores it; the last one ends it.
        var words: [(start: Int32, end: Int32)] = []
        var last: Int32 = -1
        for row in 0..<request.post.tokenCount {
            let token = tokens[kept.map { Int($0[row]) } ?? row]
            if token.isSpecial { continue }
            if token.word == last {
                words[words.count - 1].end = token.end
                continue
            }
            last = token.word
            let scores = UnsafeMutableBufferPointer(rebasing: logits[row * count..<(row + 1) * count])
            LogitDecoder.softmax(scores, temperature: temperature)
            // Words are never more than rows, so the compacted scores stay behind the row being read.
            for label in 0..<count { logits[words.count * count + label] = scores[label] }
            words.append((token.start, token.end))
        }
        let runs = decoder.runs(UnsafeBufferPointer(logits), words: words.count)
        return mentions(runs, words: words, text: request.text)
    }

    /// Words with their tag probabilities, as an ensemble has averaged them.
    static func mentions(_ words: [WordTags], text: String, decoder: SpanDecoder) -> [EntityMention] {
        let runs = words.flatMap(\.probabilities).withUnsafeBufferPointer { decoder.runs($0, words: words.count) }
        return mentions(runs, words: words.map { (Int32($0.span.start), Int32($0.span.end)) }, text: text)
    }

    /// `words` in code points of the text, ascending.
    private static func mentions(
        _ runs: [SpanDecoder.Run], words: [(start: Int32, end: Int32)], text: String
    ) -> [EntityMention] {
        guard !runs.isEmpty else { return [] }
        let scalars = text.unicodeScalars
        var place = 0
        var index = scalars.startIndex
        return runs.map { run in
            let start = Int(words[run.words.lowerBound].start), end = Int(words[run.words.upperBound - 1].end)
            index = scalars.index(index, offsetBy: start - place)
            let stop = scalars.index(index, offsetBy: end - start)
            defer { (index, place) = (stop, end) }
            return EntityMention(
                type: run.type, text: String(scalars[index..<stop]),
                span: CodePointSpan(start: start, length: end - start), score: run.score)
        }
    }
}
