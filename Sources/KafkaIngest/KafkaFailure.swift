// The one place where librdkafka's errors become ours. It copies strings out and keeps no C memory; it never sees a
// payload.
import CRdKafka
import StreamCore

/// A librdkafka error code. A struct over the raw value, so that codes this version does not know survive.
package struct KafkaErrorCode: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    init(_ code: rd_kafka_resp_err_t) { rawValue = Int32(code.rawValue) }

    package static let none = KafkaErrorCode(rawValue: 0)
    package static let offsetOutOfRange = KafkaErrorCode(rawValue: 1)
    package static let illegalGeneration = KafkaErrorCode(rawValue: 22)
    package static let unknownMember = KafkaErrorCode(rawValue: 25)
    package static let autoOffsetReset = KafkaErrorCode(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
    package static let partitionEnd = KafkaErrorCode(RD_KAFKA_RESP_ERR__PARTITION_EOF)
    package static let allBrokersDown = KafkaErrorCode(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    package static let assignPartitions = KafkaErrorCode(RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    package static let revokePartitions = KafkaErrorCode(RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
    package static let timedOut = KafkaErrorCode(RD_KAFKA_RESP_ERR__TIMED_OUT)
    package static let wrongState = KafkaErrorCode(RD_KAFKA_RESP_ERR__STATE)
    package static let queueFull = KafkaErrorCode(RD_KAFKA_RESP_ERR__QUEUE_FULL)
    package static let noOffset = KafkaErrorCode(RD_KAFKA_RESP_ERR__NO_OFFSET)
    package static let fatal = KafkaErrorCode(RD_KAFKA_RESP_ERR__FATAL)

    /// librdkafka's own bounded name, such as `_TRANSPORT`: fit for a metric label.
    package var description: String {
        guard let name = rd_kafka_err2name(rd_kafka_resp_err_t(rawValue: numericCast(rawValue))) else {
            return "ERR_\(rawValue)"
        }
        return String(cString: name)
    }

    /// librdkafka's sentence for the code; never anything of a record.
    package var explanation: String {
        guard let text = rd_kafka_err2str(rd_kafka_resp_err_t(rawValue: numericCast(rawValue))) else {
            return "error \(rawValue)"
        }
        return String(cString: text)
    }

    /// What a person can do about it, nil where nothing comes to mind.
    package var advice: String? {
        switch self {
        case KafkaErrorCode(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART),
            KafkaErrorCode(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC):
            "create the topic, or change kafka.topics"
        case KafkaErrorCode(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED):
            "allow this user to read and describe the topic"
        case KafkaErrorCode(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED):
            "allow this user to read the group of kafka.group"
        case KafkaErrorCode(RD_KAFKA_RESP_ERR__AUTHENTICATION),
            KafkaErrorCode(RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED):
            "check the sasl settings in kafka.properties"
        case KafkaErrorCode(RD_KAFKA_RESP_ERR__SSL):
            "check security.protocol and the ssl settings in kafka.properties"
        case KafkaErrorCode(RD_KAFKA_RESP_ERR__RESOLVE), KafkaErrorCode(RD_KAFKA_RESP_ERR__TRANSPORT),
            KafkaErrorCode(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN), .timedOut:
            "check kafka.brokers, and that the brokers run"
        default: nil
        }
    }

    /// Asking again cannot help with these: rights, names and arguments.
    package var isPermanent: Bool {
        switch rawValue {
        case 17, 24, 29, 30, 31, 35, 53, 58: true
        case KafkaErrorCode(RD_KAFKA_RESP_ERR__INVALID_ARG).rawValue,
            KafkaErrorCode(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE).rawValue:
            true
        default: false
        }
    }
}

extension SourceFailure {
    /// - Parameter doing: What was being done, as the beginning of a sentence: "Asking Kafka for the bounds of
    ///   posts/0".
    init(_ code: KafkaErrorCode, doing: String) {
        self.init(
            code: code.description,
            detail: "\(doing) failed: \(code.explanation)" + (code.advice.map { "; \($0)" } ?? ""),
            isRetriable: !code.isPermanent)
    }

    /// Takes the error object over: it is freed here. Nil for no error.
    init?(consuming error: OpaquePointer?, doing: String) {
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        let code = KafkaErrorCode(rd_kafka_error_code(error))
        self.init(
            code: code.description, detail: "\(doing) failed: \(code.explanation)",
            isRetriable: rd_kafka_error_is_fatal(error) == 0 && !code.isPermanent)
    }
}
