// Why a connection could not be made, in words of our own: libpq gives no code for that, and its message may name
// whatever the URL holds. Every such failure is worth another try.
internal import StreamCore

enum ConnectionDiagnosis {
    /// Parts of libpq's and the server's messages, and what they mean for people. The first that matches wins.
    private static let signs: [(sign: String, meaning: String)] = [
        ("password authentication failed", "the user or the password is wrong; check postgres.url and the password"),
        ("no password supplied", "the server asks for a password and none is set"),
        ("no pg_hba.conf entry", "the server's pg_hba.conf does not admit this user from here"),
        ("authentication", "the server refused the sign-in"),
        ("Connection refused", "nothing listens there; start PostgreSQL or correct the host and port in postgres.url"),
        ("No such file or directory", "the socket file does not exist; start PostgreSQL or set a host in postgres.url"),
        ("could not translate host name", "the host name is unknown; correct postgres.url"),
        ("does not exist", "the database or the role does not exist; create it or correct postgres.url"),
        ("starting up", "the server is starting up"),
        ("shutting down", "the server is shutting down"),
        ("recovery mode", "the server is recovering from a crash"),
        ("too many", "the server has too many connections"),
        ("remaining connection slots", "the server has too many connections"),
        ("timeout", "the server did not answer in time"),
        ("timed out", "the server did not answer in time"),
        ("Connection reset", "the connection was reset"),
        ("closed the connection", "the server closed the connection"),
        ("certificate", "the TLS certificate was refused"),
        ("SSL", "TLS could not be agreed on"),
        ("invalid", "postgres.url is not a valid connection string"),
        ("missing", "postgres.url is not a valid connection string"),
    ]

    static func failure(message: String) -> DatabaseFailure {
        let meaning = signs.first { message.contains($0.sign) }?.meaning ?? "no connection could be made"
        return PostgresFailure.unreachable("PostgreSQL cannot be reached: \(meaning)")
    }
}
