// What is to be asked: posts, and for each of their samples the next question that has no answer yet. Used by the online run, by
// batch files and by the filters, so that all of them mean the same requests.

package struct TeacherPost: Sendable, Equatable {
    package let id: String
    package let text: String
    package init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

package struct TeachingPlan: Sendable {
    package let posts: [TeacherPost]
    package let samples: Int
    package let schedule: PromptSchedule
    package let parameters: ChatParameters
    package var taxonomy: AnswerTaxonomy { schedule.prompts.taxonomy }

    package init(posts: [TeacherPost], samples: Int, schedule: PromptSchedule, parameters: ChatParameters) {
        precondition(samples > 0, "a post is asked about at least once")
        self.posts = posts
        self.samples = samples
        self.schedule = schedule
        self.parameters = parameters
    }

    /// How things stand with one sample of one post.
    package enum Standing: Sendable {
        case open(ChatRequest)
        /// The answer that counts: the second one where the first had not the form.
        case answered(ChatAnswer, isRepaired: Bool)
        case refusedByEndpoint(status: Int?, code: String?)
    }

    package func standing(of post: TeacherPost, sample: Int, in log: AnswerLog) -> Standing {
        let first = request(post, sample: sample)
        switch log.stored(first.key) {
        case nil: return .open(first)
        case .refused(let status, let code): return .refusedByEndpoint(status: status, code: code)
        case .answer(let answer):
            guard let repair = repair(of: first, after: answer) else { return .answered(answer, isRepaired: false) }
            switch log.stored(repair.key) {
            case nil: return .open(repair)
            // The endpoint did answer the first time: that answer stays, malformed as it is.
            case .refused: return .answered(answer, isRepaired: false)
            case .answer(let second): return .answered(second, isRepaired: true)
            }
        }
    }

    package func request(_ post: TeacherPost, sample: Int) -> ChatRequest {
        ChatRequest(post: post.text, sample: sample, schedule: schedule, parameters: parameters)
    }

    /// The second question, where the first answer is none and no refusal.
    private func repair(of request: ChatRequest, after answer: ChatAnswer) -> ChatRequest? {
        if RefusalCheck.isRefusal(answer) { return nil }
        guard case .failure(let fault) = TeacherAnswer.parse(answer.content) else { return nil }
        return ChatRequest(
            repairing: answer.content, fault: fault.description, of: request, prompts: schedule.prompts)
    }

    /// The requests that are open now: what goes to a batch file, and what a dry run counts. Equal posts are one request.
    package func openRequests(in log: AnswerLog?) -> [ChatRequest] {
        var seen: Set<String> = []
        var open: [ChatRequest] = []
        for post in posts {
            for sample in 0..<samples {
                let request: ChatRequest
                if let log {
                    guard case .open(let found) = standing(of: post, sample: sample, in: log) else { continue }
                    request = found
                } else {
                    request = self.request(post, sample: sample)
                }
                if seen.insert(request.key).inserted { open.append(request) }
            }
        }
        return open
    }
}
