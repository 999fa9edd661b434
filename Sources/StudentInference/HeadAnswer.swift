// What a head says about one text, decoded from its logits. Pure functions on floats.
internal import Foundation
internal import ModelFiles
package import Posts

package enum HeadAnswer: Hashable, Sendable {
    case classes(Classification)
    /// Every label with its own probability.
    case labels([LabelScore])
    case spans([EntityMention])
}

enum LogitDecoder {
    /// Softmax of logits / temperature, written over the logits.
    static func softmax(_ logits: UnsafeMutableBufferPointer<Float>, temperature: Float = 1) {
        guard let largest = logits.max() else { return }
        var sum: Float = 0
        for index in logits.indices {
            logits[index] = Foundation.exp((logits[index] - largest) / temperature)
            sum += logits[index]
        }
        for index in logits.indices { logits[index] /= sum }
    }

    /// `logits` has one element a label and is overwritten.
    static func classes(_ logits: UnsafeMutableBufferPointer<Float>, _ head: HeadSettings) -> Classification {
        softmax(logits, temperature: head.temperature)
        let scores = zip(head.labels, logits).map { LabelScore(label: $0, score: $1) }
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        let abstains = head.abstainThreshold.map { logits[best] < $0 } ?? false
        return Classification(label: abstains ? nil : head.labels[best], scores: scores)
    }

    static func labels(_ logits: UnsafeMutableBufferPointer<Float>, _ head: HeadSettings) -> [LabelScore] {
        zip(head.labels, logits).map { LabelScore(label: $0, score: 1 / (1 + Foundation.exp(-$1 / head.temperature))) }
    }
}
