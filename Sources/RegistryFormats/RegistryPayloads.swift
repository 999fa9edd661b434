// From a record's value in the wire format to JSON for the decoder behind. While the registry cannot be asked the calling worker
// waits and asks again, for ever: the records behind it fill the flow budget, partitions are paused, and the group membership
// stays, as when the database is away. No outage makes a dead letter.
internal import Foundation
package import Posts
internal import StreamCore
internal import Synchronization

/// What the registry is up to: drives a log line and the readiness.
package enum RegistryNotice: Sendable, Equatable {
    /// It cannot be asked; the next try comes after the wait.
    case waiting(schema: UInt32, reason: String, wait: Duration)
    case recovered
}

package final class RegistryPayloads: Sendable {
    private struct State: Sendable {
        var cache: SchemaCache
        var random = SeededRandom(seed: UInt64.random(in: .min ... .max))
        var activity = RegistryActivity()
    }

    private let configuration: RegistryConfiguration
    private let client: RegistryClient
    private let observe: @Sendable (RegistryNotice) -> Void
    private let state: Mutex<State>
    private let ended = EndFlag()

    package init(_ configuration: RegistryConfiguration, observe: @escaping @Sendable (RegistryNotice) -> Void) {
        self.configuration = configuration
        self.observe = observe
        client = RegistryClient(configuration)
        state = Mutex(State(cache: SchemaCache(capacity: configuration.cachedSchemas)))
    }

    /// Wakes whoever waits for the registry, and breaks off what it is asked. For the end of the stream, once no answer of a
    /// worker counts any more.
    package func end() {
        ended.set()
        client.close()
    }

    /// What was asked so far, and who waits now.
    package var activity: RegistryActivity {
        state.withLock { state in
            var activity = state.activity
            activity.cachedSchemas = state.cache.count
            return activity
        }
    }

    /// Makes a schema known beforehand, so that the registry is not asked for it. False where it is not usable by itself.
    package func keep(schema text: String, type: String?, as number: UInt32) -> Bool {
        let registered = RegisteredSchema(schema: text, schemaType: type, references: nil)
        guard let schema = try? PayloadSchema.make(registered, from: client) else { return false }
        state.withLock { $0.cache.keep(.usable(schema), for: number, now: .now) }
        return true
    }

    /// The kinds of schemas that the registry takes; asks once.
    package func schemaTypes() throws(RegistryFailure) -> [String] { try client.schemaTypes() }

    /// The payload as JSON. Blocks while its schema is not known and the registry cannot be asked.
    package func json(_ value: UnsafeBufferPointer<UInt8>) -> Result<[UInt8], UnreadablePayload> {
        guard let header = WireFormat(value) else {
            return .failure(
                UnreadablePayload(
                    reason: .notWireFormat,
                    detail: "the value does not begin with the magic byte 0 and a schema's number in four bytes"))
        }
        let entry: SchemaCache.Entry
        if let known = known(header.schema) {
            entry = known
        } else if let found = ask(header.schema) {
            entry = found
        } else {
            return .failure(
                UnreadablePayload(reason: .registryWaitEnded, detail: "the stream ended while it waited for the schema registry"))
        }
        switch entry {
        case .unknown:
            return .failure(
                UnreadablePayload(
                    reason: .unknownSchema, detail: "the schema registry does not know schema \(header.schema)"))
        case .unusable(let fault): return .failure(Self.unusable(header.schema, fault))
        case .usable(let schema):
            let payload = UnsafeBufferPointer(rebasing: value[WireFormat.headerLength...])
            do throws(PayloadFault) {
                return try schema.json(payload, schema: header.schema).mapError { Self.unusable(header.schema, $0) }
            } catch {
                return .failure(UnreadablePayload(error.rejection(schema: header.schema)))
            }
        }
    }

    private func known(_ number: UInt32) -> SchemaCache.Entry? {
        state.withLock { state in
            let entry = state.cache.entry(number, now: .now)
            if entry != nil { state.activity.cacheHits += 1 }
            return entry
        }
    }

    private static func unusable(_ number: UInt32, _ fault: SchemaFault) -> UnreadablePayload {
        UnreadablePayload(reason: .unusableSchema, detail: "schema \(number) cannot be used: \(fault.sentence)")
    }

    /// nil once the stream has ended.
    private func ask(_ number: UInt32) -> SchemaCache.Entry? {
        var attempt = 0
        defer { if attempt > 0 { stopWaiting() } }
        while !ended.isSet {
            do {
                let entry = try fetch(number)
                state.withLock { state in
                    state.cache.keep(entry, for: number, now: .now)
                    state.activity.requests[entry.result, default: 0] += 1
                }
                return entry
            } catch {
                if ended.isSet { break }
                attempt += 1
                let wait = state.withLock { state in
                    state.activity.requests[.unavailable, default: 0] += 1
                    if attempt == 1 { state.activity.waiting += 1 }
                    return configuration.retries.wait(attempt: attempt, using: &state.random)
                }
                observe(.waiting(schema: number, reason: error.description, wait: wait))
                ended.wait(atMost: wait)
            }
        }
        return nil
    }

    private func fetch(_ number: UInt32) throws(RegistryFailure) -> SchemaCache.Entry {
        do {
            return .usable(try PayloadSchema.make(try client.schema(number), from: client))
        } catch RegistryFailure.notFound {
            return .unknown
        } catch let fault as SchemaFault {
            return .unusable(fault)
        } catch let failure as RegistryFailure {
            throw failure
        } catch {
            preconditionFailure("a schema or the registry is at fault")
        }
    }

    private func stopWaiting() {
        let isLast = state.withLock { state in
            state.activity.waiting -= 1
            return state.activity.waiting == 0
        }
        if isLast, !ended.isSet { observe(.recovered) }
    }
}

/// A payload that becomes a dead letter. Never quotes it.
package struct UnreadablePayload: Error, Sendable, Equatable {
    package let rejection: Rejection

    init(_ rejection: Rejection) { self.rejection = rejection }

    init(reason: RejectionReason, detail: String) {
        self.init(Rejection(reason: reason, detail: detail))
    }
}

/// Set once; threads wait for it.
/// Sendable by `condition`: the flag is read and written under its lock.
private final class EndFlag: @unchecked Sendable {
    private let condition = NSCondition()
    private var value = false

    var isSet: Bool {
        condition.lock()
        defer { condition.unlock() }
        return value
    }

    func set() {
        condition.lock()
        value = true
        condition.broadcast()
        condition.unlock()
    }

    func wait(atMost duration: Duration) {
        let deadline = Date(timeIntervalSinceNow: duration / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        while !value, condition.wait(until: deadline) {}
    }
}
