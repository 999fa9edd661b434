// What /metrics, /livez and /readyz answer, over a real socket.
import Foundation
import Observability
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct OperationsServerTests {
    private func get(_ port: UInt16, _ path: String) async throws -> (status: Int, type: String, body: String) {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        let (data, response) = try await URLSession.shared.data(from: url)
        let http = try #require(response as? HTTPURLResponse)
        return (
            http.statusCode, http.value(forHTTPHeaderField: "Content-Type") ?? "", String(decoding: data, as: UTF8.self)
        )
    }

    @Test func answers() async throws {
        let registry = PrometheusRegistry()
        let health = HealthState(waitingFor: ["kafka"])
        let server = try await OperationsServer.start(host: "127.0.0.1", port: 0, registry: registry, health: health)
        #expect(server.port != 0)
        registry.add(7, to: .fenced)

        let metrics = try await get(server.port, "/metrics")
        #expect(metrics.status == 200)
        #expect(metrics.type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(metrics.body.contains("\nwinnow_fenced_total 7\n"))

        #expect(try await get(server.port, "/livez").status == 200)
        let waiting = try await get(server.port, "/readyz")
        #expect(waiting.status == 503)
        #expect(waiting.body == "not ok\nkafka: has not started\n")
        health.ready("kafka")
        let ready = try await get(server.port, "/readyz")
        #expect(ready.status == 200)
        #expect(ready.body == "ok\n")
        #expect(try await get(server.port, "/secrets").status == 404)

        // The port is taken: the second one says so at once.
        do {
            _ = try await OperationsServer.start(
                host: "127.0.0.1", port: server.port, registry: registry, health: health)
            Issue.record("two servers on one port")
        } catch {
            #expect(
                error.description == "cannot listen on 127.0.0.1:\(server.port): another program has this port; "
                    + "choose another operations.listen")
        }
        await server.stop()
        await #expect(throws: (any Error).self) { try await get(server.port, "/livez") }
    }

    @Test func stopsInTimeWithAnOpenConnection() async throws {
        let server = try await OperationsServer.start(
            host: "::1", port: 0, registry: PrometheusRegistry(), health: HealthState(waitingFor: []))
        let socket = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = server.port.bigEndian
        address.sin6_addr = in6addr_loopback
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        #expect(connected == 0)
        let half = Array("GET /metr".utf8)
        #expect(write(socket, half, half.count) == half.count)
        let start = ContinuousClock.now
        await server.stop()
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test(arguments: ["nowhere.example", "256.0.0.1", "zz::"])
    func refusesHostsThatAreNoAddress(host: String) async {
        await #expect(throws: OperationsServerFailure.self) {
            try await OperationsServer.start(
                host: host, port: 0, registry: PrometheusRegistry(), health: HealthState(waitingFor: []))
        }
    }

    @Test func healthFollowsHeartbeats() {
        let elapsed = Mutex(Duration.zero)
        let start = ContinuousClock.now
        let health = HealthState(waitingFor: ["database"]) { start + elapsed.withLock { $0 } }
        health.beat("poll", within: .seconds(10))
        #expect(health.report.isLive && !health.report.isReady)
        #expect(health.report.reasons == ["database: has not started"])
        health.ready("database")
        #expect(health.report.isLive && health.report.isReady)
        #expect(health.report.reasons.isEmpty)
        health.notReady("database", "does not answer")
        #expect(health.report.isLive && !health.report.isReady)
        health.ready("database")
        elapsed.withLock { $0 = .seconds(11) }
        #expect(!health.report.isLive && !health.report.isReady)
        #expect(health.report.reasons == ["poll: gave no sign of life for 10.0 seconds"])
        health.beat("poll", within: .seconds(10))
        #expect(health.report.isReady)
        elapsed.withLock { $0 = .seconds(100) }
        health.endBeat("poll")
        #expect(health.report.isReady)
        health.failed("model", "cannot be read")
        #expect(!health.report.isLive)
    }
}
