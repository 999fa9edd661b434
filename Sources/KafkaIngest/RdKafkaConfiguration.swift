// The owner of a librdkafka configuration until a client takes it over. Internal to this module.
import CRdKafka
import StreamCore

struct RdKafkaConfiguration: ~Copyable {
    private let pointer: OpaquePointer

    /// Throws where librdkafka refuses a property; the value is never repeated, since it may be a secret.
    init(_ properties: KafkaProperties) throws(SourceFailure) {
        pointer = try Self.make(properties)
    }

    private static func make(_ properties: KafkaProperties) throws(SourceFailure) -> OpaquePointer {
        guard let created = rd_kafka_conf_new() else {
            throw SourceFailure(
                code: "configuration", detail: "librdkafka gave no configuration object: memory is exhausted",
                isRetriable: false)
        }
        for (name, value) in properties.values.sorted(by: { $0.key < $1.key }) {
            let result = rd_kafka_conf_set(created, name, value, nil, 0)
            guard result != RD_KAFKA_CONF_OK else { continue }
            rd_kafka_conf_destroy(created)
            throw refusal(of: name, result)
        }
        return created
    }

    deinit { rd_kafka_conf_destroy(pointer) }

    private static func refusal(of name: String, _ result: rd_kafka_conf_res_t) -> SourceFailure {
        let library = "librdkafka \(RdKafkaLibrary.versionText)"
        guard result == RD_KAFKA_CONF_UNKNOWN else {
            return SourceFailure(
                code: "property_invalid",
                detail: "\(library) refuses the value of property \(name): check it in kafka.properties",
                isRetriable: false)
        }
        return SourceFailure(
            code: "property_unknown", detail: "\(library) knows no property \(name): check kafka.properties",
            isRetriable: false)
    }

    func enableEvents(_ events: Int32) { rd_kafka_conf_set_events(pointer, events) }

    /// Turns librdkafka's own printing to standard error off.
    func silence() { rd_kafka_conf_set_log_cb(pointer, nil) }

    /// Makes a client. `rd_kafka_new` takes the configuration only where it succeeds; where it fails `deinit` frees it.
    consuming func makeClient(_ type: rd_kafka_type_t) throws(SourceFailure) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(type, pointer, &text, text.count) else {
            // The text names properties and reasons (for example a missing certificate file), never a password.
            let reason = text.withUnsafeBufferPointer { buffer in
                String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
            _ = consume self
            throw SourceFailure(
                code: "client_refused", detail: "librdkafka made no client: \(reason); check kafka.properties",
                isRetriable: false)
        }
        discard self
        return client
    }
}

/// Facts of the librdkafka that is loaded now, which may be newer than the headers we were built with.
package enum RdKafkaLibrary {
    /// For example 0x020002ff for 2.0.2.
    package static var version: Int32 { rd_kafka_version() }
    package static var versionText: String { String(cString: rd_kafka_version_str()) }

    /// Below 2.10 cooperative rebalancing loses assignments and hangs in corner cases.
    package static func assignmentStrategy(version: Int32) -> String {
        version >= 0x020a_0000 ? "cooperative-sticky" : "range"
    }

    /// Lets librdkafka fetch OAUTHBEARER tokens on a thread of its own, for clients that nobody polls. Refused, and
    /// of no use, with any other mechanism.
    static func serveTokensInBackground(_ client: OpaquePointer) {
        if let error = rd_kafka_sasl_background_callbacks_enable(client) { rd_kafka_error_destroy(error) }
    }
}
