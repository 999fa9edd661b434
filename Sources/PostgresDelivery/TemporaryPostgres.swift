// A PostgreSQL cluster of one's own for tests, demo and benchmarks: on a free port of 127.0.0.1, in a directory that
// goes with it. PostgreSQL refuses to run as root: there, it runs as the user `postgres`.
internal import Foundation

package struct TemporaryPostgresFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Owned by one thread at a time. `stop` ends the server; `deinit` does so too, as a safety net.
package final class TemporaryPostgres {
    package let port: Int
    package let directory: String
    private let binaries: String
    private let account: UnprivilegedAccount
    private var isRunning = false
    private var isLeftRunning = false

    /// Makes a cluster and starts it, with a database `winnow` owned by the superuser `postgres`; no password,
    /// loopback only.
    /// - Parameter settings: lines for postgresql.conf, such as `fsync = off`.
    package init(settings: [String] = []) throws {
        binaries = try Self.findBinaries()
        account = try UnprivilegedAccount.current()
        port = try Self.freePort()
        let unique = UUID().uuidString.prefix(8).lowercased()
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-postgres-\(unique)").path
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try account.give(directory)
            try run("initdb", ["-D", dataDirectory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
            try configure(settings)
            try start()
            try run("createdb", ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "winnow"])
        } catch {
            stop()
            throw error
        }
    }

    deinit { stop() }

    package var url: String { "postgresql://postgres@127.0.0.1:\(port)/winnow" }

    private var dataDirectory: String { directory + "/data" }

    package func start() throws {
        try run("pg_ctl", ["-D", dataDirectory, "-l", directory + "/server.log", "-w", "-t", "60", "start"])
        isRunning = true
    }

    /// Ends the server as a crash would, keeping the data; `start` recovers it.
    package func crash() throws {
        try run("pg_ctl", ["-D", dataDirectory, "-m", "immediate", "stop"])
        isRunning = false
    }

    /// Ends the server in good order and starts it again.
    package func restart() throws {
        try run("pg_ctl", ["-D", dataDirectory, "-m", "fast", "-w", "stop"])
        try start()
    }

    /// Ends the server and, unless told otherwise, removes its files.
    package func stop(keepFiles: Bool = false) {
        if isLeftRunning { return }
        if isRunning {
            try? run("pg_ctl", ["-D", dataDirectory, "-m", keepFiles ? "fast" : "immediate", "stop"])
            isRunning = false
        }
        if !keepFiles { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// For a shell: ends the server and removes its files.
    package var endCommand: String {
        let command = account.command(binaries + "/pg_ctl", ["-D", dataDirectory, "-m", "fast", "stop"])
        return ([command.program] + command.arguments).joined(separator: " ") + " && rm -r \(directory)"
    }

    /// From here on nothing ends the server but `endCommand`.
    package func leaveRunning() { isLeftRunning = true }

    private func configure(_ settings: [String]) throws {
        let lines = [
            "port = \(port)", "listen_addresses = '127.0.0.1'", "unix_socket_directories = '\(directory)'",
            "log_min_messages = fatal", "log_min_error_statement = panic",
        ]
        let path = dataDirectory + "/postgresql.conf"
        let current = try String(contentsOfFile: path, encoding: .utf8)
        try (current + (lines + settings).joined(separator: "\n") + "\n")
            .write(toFile: path, atomically: false, encoding: .utf8)
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let command = account.command(binaries + "/" + program, arguments)
        let log = directory + "/\(program).log"
        let status = ChildProgram.run(command.program, command.arguments, output: log)
        guard status == 0 else {
            let ending = status.map { "ended with status \($0)" } ?? "could not be started"
            throw TemporaryPostgresFailure(description: "\(program) of PostgreSQL \(ending); its output: \(tail(of: log))")
        }
    }

    /// What the program said last: the file goes with the directory.
    private func tail(of path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return String(text.suffix(400)).split(whereSeparator: \.isNewline).joined(separator: " | ")
    }

    private static func findBinaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .compactMap { Int($0) }.sorted(by: >)
        let candidates = versions.map { "\(root)/\($0)/bin" } + ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"]
        for candidate in candidates where FileManager.default.isExecutableFile(atPath: candidate + "/initdb") {
            return candidate
        }
        throw TemporaryPostgresFailure(
            description: "PostgreSQL's programs are not installed (looked in \(root)/*/bin); "
                + "install them with `apt-get install postgresql`")
    }

    /// Asks the system for a port; another program could take it before the server does, which then fails to start.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard result else { throw TemporaryPostgresFailure(description: "No free port could be found on 127.0.0.1") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
