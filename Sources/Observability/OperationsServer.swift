// /metrics, /livez and /readyz over HTTP. Reads the registry and the health state; changes nothing.
internal import FlyingFox
internal import FlyingSocks
internal import Foundation

package struct OperationsServerFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence: what is wrong with the address, and what to do.
    package let description: String
}

package final class OperationsServer: Sendable {
    /// The port that is listened to, also where port 0 was asked for.
    package let port: UInt16
    private let server: HTTPServer
    private let running: Task<Void, Never>

    private init(server: HTTPServer, running: Task<Void, Never>, port: UInt16) {
        self.server = server
        self.running = running
        self.port = port
    }

    /// Listens when it returns.
    /// - Parameter host: a numeric IPv4 or IPv6 address, or `localhost`.
    package static func start(
        host: String, port: UInt16, registry: PrometheusRegistry, health: HealthState
    ) async throws(OperationsServerFailure) -> OperationsServer {
        let address = try address(host: host, port: port)
        let server = HTTPServer(
            config: HTTPServer.Configuration(address: address, timeout: 5, logger: .disabled))
        await addRoutes(to: server, registry, health)
        // Whichever comes first: that it listens (nil), or why it does not.
        let (outcomes, outcome) = AsyncStream.makeStream(of: String?.self, bufferingPolicy: .bufferingOldest(2))
        let running = Task {
            do {
                try await server.run()
            } catch {
                outcome.yield(reason(error))
            }
        }
        let waiting = Task {
            do {
                try await server.waitUntilListening(timeout: 5)
                outcome.yield(nil)
            } catch {
                outcome.yield("it did not begin to listen within 5 s")
            }
        }
        var iterator = outcomes.makeAsyncIterator()
        let fault = await iterator.next() ?? nil
        waiting.cancel()
        if let fault {
            running.cancel()
            throw OperationsServerFailure(
                description: "cannot listen on \(host):\(port): \(fault); choose another operations.listen")
        }
        switch await server.listeningAddress {
        case .ip4(_, let actual), .ip6(_, let actual):
            return OperationsServer(server: server, running: running, port: actual)
        default:
            return OperationsServer(server: server, running: running, port: port)
        }
    }

    /// Closes the port and what is still connected, within two seconds.
    package func stop() async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let stopping = Task {
            await server.stop(timeout: 1)
            end.yield()
        }
        let deadline = Task {
            try? await Task.sleep(for: .seconds(2))
            end.yield()
        }
        var iterator = ends.makeAsyncIterator()
        await iterator.next()
        deadline.cancel()
        stopping.cancel()
        running.cancel()
    }

    // MARK: What is answered

    private static func addRoutes(
        to server: HTTPServer, _ registry: PrometheusRegistry, _ health: HealthState
    ) async {
        await server.appendRoute("GET,HEAD /metrics") { _ in
            answer(.ok, registry.exposition(), PrometheusText.contentType)
        }
        await server.appendRoute("GET,HEAD /livez") { _ in
            let report = health.report
            return answer(report.isLive, report)
        }
        await server.appendRoute("GET,HEAD /readyz") { _ in
            let report = health.report
            return answer(report.isReady, report)
        }
    }

    private static func answer(_ isWell: Bool, _ report: HealthState.Report) -> HTTPResponse {
        let lines = [isWell ? "ok" : "not ok"] + (isWell ? [] : report.reasons)
        return answer(
            isWell ? .ok : .serviceUnavailable, lines.joined(separator: "\n") + "\n", "text/plain; charset=utf-8")
    }

    private static func answer(_ status: HTTPStatusCode, _ body: String, _ type: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: status, headers: [.contentType: type, .cacheControl: "no-store"], body: Data(body.utf8))
    }

    // MARK: Addresses

    private static func address(
        host: String, port: UInt16
    ) throws(OperationsServerFailure) -> any SocketAddress {
        do {
            let name = host == "localhost" ? "127.0.0.1" : host
            if name.contains(":") { return try sockaddr_in6.inet6(ip6: name, port: port) }
            return try sockaddr_in.inet(ip4: name, port: port)
        } catch {
            throw OperationsServerFailure(
                description: "cannot listen on \(host):\(port): the host must be a numeric address or localhost; "
                    + "change operations.listen")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case SocketError.failed(_, EADDRINUSE, _): "another program has this port"
        case SocketError.failed(_, EACCES, _): "this user may not have this port"
        case SocketError.failed(_, EADDRNOTAVAIL, _): "this machine does not have this address"
        case SocketError.failed(_, _, let message): message
        default: "the server ended"
        }
    }
}
