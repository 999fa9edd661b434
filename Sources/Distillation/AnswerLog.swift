// The teacher's answers on disk: one JSON line for each request begun and each that ended. Append-only; what a crash cut off at
// the end is taken away when it is opened again. One process at a time. An answer counts as received once its line is written.
package import Foundation
internal import Glibc
internal import Synchronization

package struct AnswerLogFault: Error, CustomStringConvertible, Equatable {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// One line of the log.
package struct AnswerLogEntry: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable { case asked, answered, failed, refused }
    package let kind: Kind
    package let key: String
    package var content: String?
    package var refusal: String?
    package var finish: String?
    package var model: String?
    package var prompt_tokens: Int?
    package var completion_tokens: Int?
    /// A retry reason, or the endpoint's code.
    package var reason: String?
    package var status: Int?

    package init(_ kind: Kind, key: String) {
        self.kind = kind
        self.key = key
    }

    package init(key: String, answer: ChatAnswer, usage: TokenUsage) {
        self.init(.answered, key: key)
        content = answer.content
        refusal = answer.refusal
        finish = answer.finishReason
        model = answer.model
        prompt_tokens = usage.prompt
        completion_tokens = usage.completion
    }

    package init(failed key: String, _ reason: String, usage: TokenUsage) {
        self.init(.failed, key: key)
        self.reason = reason
        prompt_tokens = usage.prompt
        completion_tokens = usage.completion
    }

    package var answer: ChatAnswer? {
        guard kind == .answered, let content else { return nil }
        return ChatAnswer(
            content: content, refusal: refusal, finishReason: finish, model: model, promptTokens: prompt_tokens,
            completionTokens: completion_tokens)
    }

    package var usage: TokenUsage { TokenUsage(prompt: prompt_tokens ?? 0, completion: completion_tokens ?? 0) }
}

package final class AnswerLog: Sendable {
    /// When the disk is told to keep what was written. A killed process loses nothing either way; a power cut does.
    package enum Syncing: String, Sendable, CaseIterable {
        /// With every answer.
        case always
        /// At least every second answer of 64, or after a second, and at the end.
        case batched
        /// At the end.
        case end
    }

    /// What an earlier run left.
    package struct Recovery: Sendable, Equatable {
        package var answers = 0
        /// Bytes of a last line that was cut off.
        package var tornBytes = 0
        /// Lines that cannot be read, in the middle.
        package var unreadableLines = 0
        /// Requests that were under way when a run ended.
        package var openRequests = 0
        package var spent = TokenUsage()
    }

    private enum Place: Sendable {
        case answered(offset: Int, length: Int)
        case refused(status: Int?, code: String?)
    }

    private struct State: Sendable {
        var places: [String: Place] = [:]
        /// Begun in an earlier run, and without an end; or ended by a timeout.
        var repeatable: [String: RetryReason?] = [:]
        var size = 0
        var unsynced = 0
        var syncedAt = ContinuousClock.now
        var isSyncUnderWay = false
    }

    private static let answersBetweenSyncs = 64
    private static let largestLine = 16 << 20

    private let path: String
    private let syncing: Syncing
    private let descriptor: Int32
    private let state: Mutex<State>
    /// fsync blocks for milliseconds: it has a thread of its own.
    private let syncQueue = DispatchQueue(label: "winnow.answer-log")
    package let recovery: Recovery

    /// Opens or makes the file, reads what is in it, and takes away a torn end.
    package init(_ url: URL, syncing: Syncing = .batched) throws(AnswerLogFault) {
        let path = url.path
        self.path = path
        self.syncing = syncing
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AnswerLogFault("\(path) cannot be opened: \(Self.systemError()); check the folder and its permissions.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            _ = Glibc.close(descriptor)
            throw AnswerLogFault("\(path) is in use by another winnow teach: wait for it, or name another --output.")
        }
        var state = State()
        do throws(AnswerLogFault) {
            recovery = try Self.read(descriptor, path: path, into: &state)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.state = Mutex(state)
    }

    deinit { _ = Glibc.close(descriptor) }

    private static func systemError() -> String { String(cString: strerror(errno)) }

    // MARK: Reading

    private static func read(
        _ descriptor: Int32, path: String, into state: inout State
    ) throws(AnswerLogFault) -> Recovery {
        var recovery = Recovery()
        var open: [String: TokenUsage] = [:]
        var reader = LogLineReader(descriptor: descriptor, longestLine: largestLine)
        while let line = try reader.next(path: path) {
            guard let entry = try? JSONDecoder().decode(AnswerLogEntry.self, from: line.bytes) else {
                recovery.unreadableLines += 1
                continue
            }
            switch entry.kind {
            case .asked: open[entry.key] = entry.usage
            case .answered:
                open[entry.key] = nil
                if state.places[entry.key] == nil { recovery.answers += 1 }
                state.places[entry.key] = .answered(offset: line.offset, length: line.bytes.count)
                state.repeatable[entry.key] = nil
                recovery.spent = recovery.spent + entry.usage
            case .refused:
                open[entry.key] = nil
                state.places[entry.key] = .refused(status: entry.status, code: entry.reason)
                state.repeatable[entry.key] = nil
            case .failed:
                open[entry.key] = nil
                recovery.spent = recovery.spent + entry.usage
                if entry.reason == RetryReason.timedOut.rawValue { state.repeatable[entry.key] = .some(.timedOut) }
            }
        }
        for (key, usage) in open {
            state.repeatable[key] = .some(nil)
            // It was sent, so it may have been worked on and be billed.
            recovery.spent = recovery.spent + usage
        }
        recovery.openRequests = open.count
        recovery.tornBytes = reader.end - reader.wholeEnd
        state.size = reader.wholeEnd
        if recovery.tornBytes > 0, ftruncate(descriptor, off_t(reader.wholeEnd)) != 0 {
            throw AnswerLogFault("\(path) ends in the middle of a line and cannot be shortened: \(systemError()).")
        }
        return recovery
    }

    package func contains(_ key: String) -> Bool { state.withLock { $0.places[key] != nil } }

    package enum Stored: Sendable, Equatable {
        case answer(ChatAnswer)
        case refused(status: Int?, code: String?)
    }

    /// What is known of a request; reads the answer from the disk.
    package func stored(_ key: String) -> Stored? {
        switch state.withLock({ $0.places[key] }) {
        case nil: return nil
        case .refused(let status, let code): return .refused(status: status, code: code)
        case .answered(let offset, let length):
            var bytes = Data(count: length)
            let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, length, off_t(offset)) }
            guard count == length, let entry = try? JSONDecoder().decode(AnswerLogEntry.self, from: bytes) else { return nil }
            return entry.answer.map { .answer($0) }
        }
    }

    // MARK: Writing

    /// Why a request that is begun now may be one that was answered before; nil where it is not.
    package enum Repeat: Sendable, Equatable { case afterKill, afterTimeout }

    /// Writes that the request begins; `estimate` is what it may cost.
    package func begin(_ key: String, estimate: TokenUsage) throws(AnswerLogFault) -> Repeat? {
        var entry = AnswerLogEntry(.asked, key: key)
        entry.prompt_tokens = estimate.prompt
        entry.completion_tokens = estimate.completion
        _ = try append(entry)
        guard let reason = state.withLock({ $0.repeatable.removeValue(forKey: key) }) else { return nil }
        return reason == .timedOut ? .afterTimeout : .afterKill
    }

    /// Writes how a request ended. With `.always` it returns when the disk has it.
    package func finish(_ entry: AnswerLogEntry) async throws(AnswerLogFault) {
        let place = try append(entry)
        let isDue = state.withLock { state -> Bool in
            switch entry.kind {
            case .answered: state.places[entry.key] = .answered(offset: place.offset, length: place.length)
            case .refused: state.places[entry.key] = .refused(status: entry.status, code: entry.reason)
            case .failed where entry.reason == RetryReason.timedOut.rawValue:
                state.repeatable[entry.key] = .some(.timedOut)
            default: break
            }
            state.unsynced += 1
            guard syncing == .batched, !state.isSyncUnderWay else { return false }
            let isDue = state.unsynced >= Self.answersBetweenSyncs || ContinuousClock.now - state.syncedAt > .seconds(1)
            if isDue { state.isSyncUnderWay = true }
            return isDue
        }
        if syncing == .always {
            await withCheckedContinuation { continuation in
                syncQueue.async {
                    self.sync()
                    continuation.resume()
                }
            }
        } else if isDue {
            syncQueue.async { self.sync() }
        }
    }

    /// Waits until the disk has everything.
    package func flush() async {
        await withCheckedContinuation { continuation in
            syncQueue.async {
                self.sync()
                continuation.resume()
            }
        }
    }

    /// Flushes and lets others open the file; nothing is written after this.
    package func close() async {
        await flush()
        _ = flock(descriptor, LOCK_UN)
    }

    private func sync() {
        _ = fdatasync(descriptor)
        state.withLock { state in
            state.unsynced = 0
            state.syncedAt = ContinuousClock.now
            state.isSyncUnderWay = false
        }
    }

    private func append(_ entry: AnswerLogEntry) throws(AnswerLogFault) -> (offset: Int, length: Int) {
        guard var line = JSONLine.data(entry) else {
            throw AnswerLogFault("an answer for \(path) cannot be written as JSON.")
        }
        let length = line.count
        line.append(0x0A)
        let result = state.withLock { state -> Result<Int, AnswerLogFault> in
            var written = 0
            while written < line.count {
                let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, line.count - written) }
                if count > 0 {
                    written += count
                } else if errno != EINTR {
                    let fault = Self.systemError()
                    // No half line stays in front of the next one.
                    _ = ftruncate(descriptor, off_t(state.size))
                    return .failure(AnswerLogFault("\(path) cannot be written: \(fault); make room and run again."))
                }
            }
            defer { state.size += line.count }
            return .success(state.size)
        }
        return (try result.get(), length)
    }
}
