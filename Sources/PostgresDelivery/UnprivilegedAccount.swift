// Who runs PostgreSQL's programs: ourselves, or the user `postgres` where we are root.
internal import Foundation

struct UnprivilegedAccount {
    /// Nil where we are not root.
    private let name: String?

    static func current() throws -> UnprivilegedAccount {
        guard geteuid() == 0 else { return UnprivilegedAccount(name: nil) }
        guard getpwnam("postgres") != nil else {
            throw TemporaryPostgresFailure(
                description: "PostgreSQL refuses to run as root and there is no user postgres; "
                    + "run as an ordinary user or install the package postgresql")
        }
        return UnprivilegedAccount(name: "postgres")
    }

    func give(_ path: String) throws {
        guard let name, let entry = getpwnam(name) else { return }
        guard chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
            throw TemporaryPostgresFailure(description: "\(path) could not be given to the user \(name)")
        }
    }

    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        guard let name else { return (program, arguments) }
        return ("/usr/sbin/runuser", ["-u", name, "--", program] + arguments)
    }
}
