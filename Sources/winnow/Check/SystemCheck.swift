// The checks of `winnow check`, one after another, each within the deadlines of its part.
import Foundation
import KafkaIngest
import Observability
import PostgresDelivery
import Posts
import RegistryFormats
import ServiceSettings
import StreamCore

/// What one check found.
struct CheckFinding {
    let name: String
    let isWell: Bool
    /// One sentence: what was found, or what is wrong and what to do.
    let detail: String

    var line: String {
        "\(isWell ? "ok    " : "FAILED") \(name.padding(toLength: 9, withPad: " ", startingAt: 0)) \(detail)"
    }

    var json: String {
        "{\"name\":\(JSONText.quoted(name)),\"ok\":\(isWell),\"detail\":\(JSONText.quoted(detail))}"
    }
}

struct SystemCheck {
    private let loaded: LoadedSettings
    private var settings: Settings { loaded.settings }

    init(_ loaded: LoadedSettings) { self.loaded = loaded }

    func findings() -> [CheckFinding] {
        [checkSettings()] + checkModels() + [checkDatabase(), checkKafka()] + (checkRegistry().map { [$0] } ?? [])
    }

    private func checkSettings() -> CheckFinding {
        let origin = loaded.file.map { "read from \($0)" } ?? "no settings file; the defaults"
        let asked =
            loaded.askedFor.isEmpty
            ? "" : "; set by flags or variables: \(loaded.askedFor.sorted().joined(separator: ", "))"
        let lacksServer = settings.format == .mastodon && settings.mastodon.entries.isEmpty
        let warnings = (loaded.warnings
            + (lacksServer ? ["mastodon.instance is not set: deletes will become dead letters"] : []))
            .map { "; \($0)" }.joined()
        return CheckFinding(name: "settings", isWell: true, detail: origin + asked + warnings)
    }

    /// One line a model.
    private func checkModels() -> [CheckFinding] {
        do {
            return try StudentComposition(loaded).models.map { model in
                let heads = model.student.heads.map(\.settings.name).joined(separator: ", ")
                let notice = model.notice.map { " \($0)" } ?? ""
                return CheckFinding(
                    name: "model", isWell: true, detail: "\(model.summary), in \(model.folder), tasks \(heads).\(notice)")
            }
        } catch {
            return [CheckFinding(name: "model", isWell: false, detail: error.description)]
        }
    }

    private func checkDatabase() -> CheckFinding {
        func finding(_ isWell: Bool, _ detail: String) -> CheckFinding {
            CheckFinding(name: "postgres", isWell: isWell, detail: detail)
        }
        let place = settings.postgres.url.description
        do {
            let found = try DatabaseCheck.read(PostgresOptions(settings))
            if found.encoding != "UTF8" {
                return finding(
                    false, "\(place) has the encoding \(found.encoding); create a database with ENCODING 'UTF8'")
            }
            if found.isReadOnly {
                return finding(false, "\(place) is read-only (a standby?); set postgres.url to the primary server")
            }
            if let missing = found.missingRight { return finding(false, "\(place): \(missing)") }
            if !found.pendingMigrations.isEmpty {
                let names = found.pendingMigrations.joined(separator: ", ")
                return finding(
                    true, "PostgreSQL \(found.serverVersion) at \(place); winnow run or migrate will apply \(names)")
            }
            return finding(true, "PostgreSQL \(found.serverVersion) at \(place), schema up to date")
        } catch {
            return finding(false, "\(place): \(error)")
        }
    }

    private func checkKafka() -> CheckFinding {
        func finding(_ isWell: Bool, _ detail: String) -> CheckFinding {
            CheckFinding(name: "kafka", isWell: isWell, detail: detail)
        }
        let place = settings.kafka.bootstrapList
        do {
            let inquiry = try KafkaInquiry(settings.kafkaConfiguration)
            let cluster = try inquiry.clusterIdentifier()
            let names = try inquiry.topicNames()
            var found: [String] = []
            for topic in settings.kafka.topics {
                let matching = try names.filter { name throws(SourceFailure) in try matches(name, topic) }
                if matching.isEmpty {
                    return finding(
                        false,
                        topic.hasPrefix("^")
                            ? "\(place): no topic matches \(topic); create one, or change kafka.topics"
                            : "\(place) has no topic \(topic); create it, or change kafka.topics")
                }
                for name in matching {
                    let partitions = try inquiry.partitions(ofTopic: name)
                    found.append("\(name) with \(partitions.count) partitions")
                }
            }
            return finding(true, "cluster \(cluster) at \(place), topics: \(found.joined(separator: ", "))")
        } catch {
            return finding(false, "\(place): \(error); see that a broker runs there, or correct kafka.brokers")
        }
    }

    /// nil where values are plain JSON.
    private func checkRegistry() -> CheckFinding? {
        guard let registry = RegistryPayloads(settings, observe: { _ in }) else { return nil }
        do {
            let types = try registry.schemaTypes().joined(separator: ", ")
            return CheckFinding(
                name: "registry", isWell: true, detail: "schema registry at \(settings.schemaRegistry.url), types \(types)")
        } catch {
            return CheckFinding(name: "registry", isWell: false, detail: "\(error)")
        }
    }

    /// A pattern is a POSIX extended expression, as librdkafka reads it.
    private func matches(_ name: String, _ topic: String) throws(SourceFailure) -> Bool {
        guard topic.hasPrefix("^") else { return name == topic }
        var expression = regex_t()
        guard regcomp(&expression, topic, REG_EXTENDED | REG_NOSUB) == 0 else {
            throw SourceFailure(
                code: "configuration", detail: "kafka.topics: \(topic) is no regular expression; correct it",
                isRetriable: false)
        }
        defer { regfree(&expression) }
        return regexec(&expression, name, 0, nil, 0) == 0
    }
}
