// What `/metrics` of a running process shows.
import FlyingSocks
import Foundation

enum MetricsPage {
    /// The port that the process says it listens on; nil while it has not said so.
    static func port(of process: WinnowProcess) -> UInt16? {
        guard let place = process.output.firstRange(of: "operations on 127.0.0.1:") else { return nil }
        return UInt16(process.output[place.upperBound...].prefix { $0.isNumber })
    }

    /// Value by series, as `name{label="value"}`.
    static func read(_ port: UInt16) async throws -> [String: Double] {
        let text = try await onOwnThread {
            let socket = try Socket(domain: Int32(sockaddr_in.family))
            defer { try? socket.close() }
            try socket.connect(to: try sockaddr_in.inet(ip4: "127.0.0.1", port: port))
            _ = try socket.write(Data("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
            var bytes: [UInt8] = []
            // The end of the connection ends the answer; it shows as an error or as nothing.
            while let more = try? socket.read(atMost: 65_536), !more.isEmpty { bytes += more }
            return String(decoding: bytes, as: UTF8.self)
        }
        let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line -> (String, Double)? in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let value = Double(parts[1].trimmingCharacters(in: .whitespaces)) else { return nil }
            return (String(parts[0]), value)
        }
        return Dictionary(series, uniquingKeysWith: { $1 })
    }
}
