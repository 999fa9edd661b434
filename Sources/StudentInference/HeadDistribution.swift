// What each head says about one text as whole distributions, before anything is decided: what a teacher passes on. Same encoder and
// same mask as the stream; words are those that spans are decoded from.
internal import ModelFiles
package import Posts

/// One word's tags.
package struct WordTags: Sendable, Equatable {
    package let span: CodePointSpan
    /// One for each output of the head, adding up to 1.
    package var probabilities: [Float]

    package init(span: CodePointSpan, probabilities: [Float]) {
        self.span = span
        self.probabilities = probabilities
    }
}

package enum HeadDistribution: Sendable, Equatable {
    /// A probability for each label: adding up to 1 for a head of classes, each on its own for a head of labels.
    case scores([Float])
    /// The words that the model read, in order.
    case words([WordTags])
}

extension StudentWorker {
    /// What each head says, in the model's order of heads, for each request in order. The heads' temperatures are applied.
    package func distributions(_ requests: [EnrichmentRequest]) -> [[HeadDistribution]] {
        var result: [[HeadDistribution]] = []
        result.reserveCapacity(requests.count)
        forEachBatch(requests.map(\.post)) { range in
            student.encoder.encode(batch, arena: arena)
            var part = [[HeadDistribution]](repeating: [], count: range.count)
            for head in student.heads {
                let (count, logits) = (head.settings.labels.count, writeLogits(of: head))
                for (index, request) in requests[range].enumerated() {
                    if head.settings.kind == .spans {
                        let first = logits + batch.rows(index).lowerBound * count
                        part[index].append(.words(Self.words(first, request, head.settings)))
                    } else {
                        let row = UnsafeMutableBufferPointer(start: logits + index * count, count: count)
                        part[index].append(.scores(Self.scores(row, head.settings)))
                    }
                }
            }
            result += part
        }
        return result
    }

    private static func scores(_ logits: UnsafeMutableBufferPointer<Float>, _ head: HeadSettings) -> [Float] {
        if head.kind == .labels { return LogitDecoder.labels(logits, head).map(\.score) }
        LogitDecoder.softmax(logits, temperature: head.temperature)
        return Array(logits)
    }

    /// `logits` (kept tokens, labels) of one post; the first kept piece of a word speaks for it.
    private static func words(
        _ logits: UnsafeMutablePointer<Float>, _ request: EnrichmentRequest, _ head: HeadSettings
    ) -> [WordTags] {
        let count = head.labels.count
        let tokens = request.post.tokens.tokens
        var words: [WordTags] = []
        var last: (word: Int32, start: Int32) = (-1, 0)
        for row in 0..<request.post.tokenCount {
            let token = tokens[request.post.mask.kept.map { Int($0[row]) } ?? row]
            if token.isSpecial { continue }
            if token.word == last.word {
                words[words.count - 1] = WordTags(
                    span: CodePointSpan(start: Int(last.start), length: Int(token.end - last.start)),
                    probabilities: words[words.count - 1].probabilities)
                continue
            }
            last = (token.word, token.start)
            let scores = UnsafeMutableBufferPointer(start: logits + row * count, count: count)
            LogitDecoder.softmax(scores, temperature: head.temperature)
            words.append(
                WordTags(
                    span: CodePointSpan(start: Int(token.start), length: Int(token.end - token.start)),
                    probabilities: Array(scores)))
        }
        return words
    }
}
