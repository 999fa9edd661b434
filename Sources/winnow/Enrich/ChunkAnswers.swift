// The answers to some lines, while their posts are still on the way through the student: each line keeps its place, and a
// line with several documents becomes a list.
import LanguageIdentification
import Posts

struct ChunkAnswers {
    private enum Answer {
        /// The post with this index waits for the student.
        case waiting(Int)
        case known(String)
    }

    private struct Line {
        let isList: Bool
        var answers: [Answer] = []
    }

    private var lines: [Line] = []
    private(set) var posts: [Post] = []
    /// Documents that could not be read.
    private(set) var errors = 0

    mutating func startLine(isList: Bool) { lines.append(Line(isList: isList)) }

    /// Adds what one document of the line that was started last came to.
    mutating func add(_ decoded: DecodedRecord, line number: Int) {
        let answer: Answer
        switch decoded {
        case .event(.upsert(var post)):
            post.language = PostLanguage.decide(tag: post.language, text: post.text)
            answer = .waiting(posts.count)
            posts.append(post)
        case .event(.delete): answer = .known(EnrichedLine.skipped("delete", line: number))
        case .event(.account(let change)):
            answer = .known(EnrichedLine.skipped("account_\(change.kind.rawValue)", line: number))
        case .skip(let reason): answer = .known(EnrichedLine.skipped(reason.rawValue, line: number))
        case .reject(let rejection):
            errors += 1
            answer = .known(EnrichedLine.error(rejection, line: number))
        case .several: preconditionFailure("a document of several is one")
        }
        lines[lines.count - 1].answers.append(answer)
    }

    /// - Parameter enrichments: one for each of `posts`, in order.
    func bytes(with enrichments: [Enrichment], hasIdentifiers: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            let texts = line.answers.map { answer in
                switch answer {
                case .known(let text): text
                case .waiting(let index):
                    EnrichedLine.result(posts[index], enrichments[index], hasIdentifier: hasIdentifiers)
                }
            }
            bytes.append(contentsOf: (line.isList ? "[\(texts.joined(separator: ","))]" : texts.joined()).utf8)
            bytes.append(0x0A)
        }
        return bytes
    }
}
