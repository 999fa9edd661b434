// Stands between client and server and cuts the connection around a COMMIT: before the server has the end of the call,
// or before the client has the answer. Passes everything else through.
import Foundation
import Synchronization

final class CuttingProxy: Sendable {
    enum Cut: Sendable {
        /// The call never arrives whole.
        case beforeTheServerHasIt
        /// The server commits, and nobody hears of it.
        case beforeTheClientHasTheAnswer
        /// Nothing passes any more, in either direction, and the connection stays open.
        case silence
    }

    let port: Int
    private let listener: Int32
    private let target: UInt16
    private let armed = Mutex<Cut?>(nil)
    private let sockets = Mutex<[Int32]>([])

    init(targetPort: Int) throws {
        target = UInt16(targetPort)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard isBound else { throw UnexpectedResult() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// The next call that the client sends is cut like this.
    func arm(_ cut: Cut) { armed.withLock { $0 = cut } }

    /// The thread that accepts closes the listening socket: closed here, its number could become another server's while that
    /// thread still accepts from it.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        sockets.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private func acceptAll() {
        defer { close(listener) }
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(port: target)
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                close(client)
                close(server)
                continue
            }
            sockets.withLock { $0 += [client, server] }
            Thread.detachNewThread { [self] in forward(from: client, to: server, isFromClient: true) }
            Thread.detachNewThread { [self] in forward(from: server, to: client, isFromClient: false) }
        }
    }

    private func forward(from source: Int32, to sink: Int32, isFromClient: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let cut = armed.withLock { $0 }
            if isFromClient, cut == .beforeTheServerHasIt {
                armed.withLock { $0 = nil }
                // All but the last bytes: the server waits for the end of the message and gets an end of file.
                _ = send(sink, buffer, max(count - 5, 0), Int32(MSG_NOSIGNAL))
                break
            }
            if cut == .silence { continue }
            if !isFromClient, cut == .beforeTheClientHasTheAnswer {
                armed.withLock { $0 = nil }
                break
            }
            guard send(sink, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }
}
