// What a failed request means and when to try again. Pure: the caller owns time and randomness.
package import Foundation
package import HTTPRequests
package import Training

/// What came of one request.
package enum RequestOutcome: Sendable, Equatable {
    case answered(ChatAnswer)
    /// Worth another try. `complaint`: what a server at fault said, to be looked through, never to be shown.
    case failed(RetryReason, retryAfter: Duration?, complaint: String? = nil)
    /// The endpoint will not answer this request, whenever it is asked.
    case refused(status: Int, code: String?)
    /// The endpoint does not take this form of request.
    case misunderstood(complaint: String, status: Int, code: String?)
    /// No request will be answered: key, address, model or account are wrong.
    case hopeless(String)

    package init(_ result: Result<HTTPAnswer, TransportFault>, now: Date) {
        switch result {
        case .failure(let fault): self = .failed(RetryReason(fault), retryAfter: nil)
        case .success(let answer): self = Self.read(answer, now: now)
        }
    }

    private static func read(_ answer: HTTPAnswer, now: Date) -> RequestOutcome {
        let wait = answer.retryAfter.flatMap { RetryAfter.duration($0, now: now) }
        if answer.status == 200 {
            guard let read = ChatAnswer(body: answer.body) else { return .failed(.unreadableAnswer, retryAfter: wait) }
            return .answered(read)
        }
        let complaint = EndpointComplaint(body: answer.body)
        let said = complaint.code.map { " (\($0))" } ?? ""
        switch answer.status {
        case 429 where complaint.code == "insufficient_quota":
            return .hopeless("the teacher's account has no quota left (insufficient_quota): add credit, then run again")
        case 429: return .failed(.rateLimited, retryAfter: wait)
        case 500: return .failed(.serverError, retryAfter: wait, complaint: complaint.text)
        case 408, 409, 425, 501...599: return .failed(.serverError, retryAfter: wait)
        case 401, 403:
            return .hopeless("the teacher refuses the key with status \(answer.status)\(said): check --key-file or WINNOW_TEACHER_KEY")
        case 404, 405:
            return .hopeless("the teacher knows no such address or model, status \(answer.status)\(said): check --base-url and --model")
        case 300...399:
            return .hopeless("the teacher redirects with status \(answer.status), which is not followed: give the final --base-url")
        case 400, 422:
            return .misunderstood(complaint: complaint.text, status: answer.status, code: complaint.code)
        default: return .refused(status: answer.status, code: complaint.code)
        }
    }
}

package enum RetryReason: String, Sendable, CaseIterable {
    case timedOut = "timed_out"
    case connectionLost = "connection_lost"
    case answerTooLarge = "answer_too_large"
    case unreadableAnswer = "unreadable_answer"
    case rateLimited = "rate_limited"
    case serverError = "server_error"

    init(_ fault: TransportFault) {
        switch fault {
        case .timedOut: self = .timedOut
        case .tooLarge: self = .answerTooLarge
        case .connection: self = .connectionLost
        }
    }
}

/// Doubling waits, half of each fixed and half random, so that workers do not march in step; never shorter than what the
/// endpoint asks for.
package struct RetrySchedule: Sendable, Equatable {
    package var first: Duration
    package var longest: Duration
    /// Tries of one request, the first included.
    package var attempts: Int

    package init(first: Duration = .milliseconds(500), longest: Duration = .seconds(60), attempts: Int = 8) {
        self.first = first
        self.longest = longest
        self.attempts = attempts
    }

    /// - Parameter attempt: 1 after the first failure.
    /// - Returns: nil when there is no further try.
    package func wait(attempt: Int, retryAfter: Duration?, using random: inout RandomSource) -> Duration? {
        guard attempt < attempts else { return nil }
        let full = min(first * (1 << min(max(attempt, 1) - 1, 20)), longest)
        let backoff = full / 2 + full / 2 * Double(random.unit())
        return max(backoff, retryAfter ?? .zero)
    }
}

/// The header Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3).
package enum RetryAfter {
    package static func duration(_ value: String, now: Date) -> Duration? {
        let value = value.trimmingCharacters(in: .whitespaces)
        if let seconds = Double(value) {
            guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return nil }
            return .milliseconds(Int(seconds * 1_000))
        }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = formatter.date(from: value) else { return nil }
        return .milliseconds(Int(max(0, min(date.timeIntervalSince(now), 1e9)) * 1_000))
    }
}
