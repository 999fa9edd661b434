// The owner of one libpq connection. Every wait has a deadline and ends at once when the interrupt signal is raised.
// Used by one thread at a time; does not reconnect and does not retry: its owner does.
internal import CLibPQ
internal import Foundation
internal import StreamCore

/// One statement with its parameters.
struct Statement {
    let sql: String
    var parameters: [PostgresParameter] = []
}

/// What a statement answered, as text; nil for NULL.
struct ResultTable {
    var rows: [[String?]] = []
}

/// A call that did not succeed.
struct CallFailure: Error {
    var failure: DatabaseFailure
    /// The server has all of the call and its answer is missing: the transaction may have been committed.
    var isCommitUnknown = false
    /// The connection is of no use any more.
    var isConnectionLost = false
    var isMissingPartition = false
}

struct PostgresConnection: ~Copyable {
    typealias Deadline = ContinuousClock.Instant

    private let handle: OpaquePointer
    private let interrupt: InterruptSignal
    private let registration: Int?

    private init(handle: OpaquePointer, interrupt: InterruptSignal) {
        self.handle = handle
        self.interrupt = interrupt
        registration = CancelHandle(connection: handle).map(interrupt.register)
    }

    deinit {
        if let registration { interrupt.unregister(registration) }
        PQfinish(handle)
    }

    /// Looking up a host name blocks in the system's resolver, beyond the deadline in the worst case.
    static func open(
        _ options: PostgresOptions, name: String, interrupt: InterruptSignal
    ) throws(DatabaseFailure) -> PostgresConnection {
        if interrupt.isRaised { throw PostgresFailure.interrupted }
        var parameters: [(String, String)] = [
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"), ("application_name", "winnow \(name)"),
            ("dbname", options.url.text), ("client_encoding", "UTF8"),
        ]
        if let password = options.password { parameters.append(("password", password.text)) }
        let keywords = CStringList(parameters.map(\.0))
        let values = CStringList(parameters.map(\.1))
        let started = withExtendedLifetime((keywords, values)) {
            PQconnectStartParams(keywords.pointers, values.pointers, 1)
        }
        guard let handle = started else {
            throw PostgresFailure.unreachable("PostgreSQL cannot be reached: out of memory")
        }
        // The default prints notices, which may quote rows, to standard error.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        do throws(DatabaseFailure) {
            try establish(handle, deadline: .now + options.connectTimeout, interrupt: interrupt)
        } catch {
            PQfinish(handle)
            throw error
        }
        PQsetnonblocking(handle, 1)
        return PostgresConnection(handle: handle, interrupt: interrupt)
    }

    private static func establish(
        _ handle: OpaquePointer, deadline: Deadline, interrupt: InterruptSignal
    ) throws(DatabaseFailure) {
        var wanted = Int16(POLLOUT)
        while PQstatus(handle) != CONNECTION_BAD {
            switch SocketWait.wait(PQsocket(handle), for: wanted, until: deadline, interrupt: interrupt) {
            case .ready: break
            case .interrupted: throw PostgresFailure.interrupted
            case .timedOut: throw ConnectionDiagnosis.failure(message: "timeout")
            }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: wanted = Int16(POLLIN)
            case PGRES_POLLING_WRITING: wanted = Int16(POLLOUT)
            default: throw ConnectionDiagnosis.failure(message: String(cString: PQerrorMessage(handle)))
            }
        }
        throw ConnectionDiagnosis.failure(message: String(cString: PQerrorMessage(handle)))
    }

    /// Runs the statements as one transaction, in one message: it commits after the last, or leaves nothing.
    borrowing func transact(
        _ statements: [Statement], activity: String, timeout: Duration
    ) throws(CallFailure) -> [ResultTable] {
        if interrupt.isRaised { throw CallFailure(failure: PostgresFailure.interrupted, isConnectionLost: true) }
        let deadline = Deadline.now + timeout
        guard PQenterPipelineMode(handle) == 1 else { throw lost(activity) }
        for statement in statements {
            guard send(statement) else { throw lost(activity) }
        }
        guard PQpipelineSync(handle) == 1 else { throw lost(activity) }
        try flush(deadline: deadline, activity: activity)
        return try readAnswers(deadline: deadline, activity: activity)
    }

    /// Runs a script of several statements, in the simple protocol. Brings its own BEGIN and COMMIT where it wants
    /// them.
    borrowing func runScript(_ sql: String, activity: String, timeout: Duration) throws(CallFailure) {
        let deadline = Deadline.now + timeout
        guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, sql) == 1 else { throw lost(activity) }
        try flush(deadline: deadline, activity: activity)
        try readScriptAnswers(deadline: deadline, activity: activity)
    }

    private borrowing func readScriptAnswers(deadline: Deadline, activity: String) throws(CallFailure) {
        var refused: CallFailure?
        while true {
            try awaitAnswer(deadline: deadline, activity: activity)
            guard let result = PQgetResult(handle) else { break }
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_FATAL_ERROR { refused = refused ?? callFailure(result, activity) }
        }
        if let refused { throw refused }
    }

    /// Sends `bytes` as the data of one COPY … FROM STDIN, within whatever transaction is open.
    borrowing func copyIn(_ sql: String, _ bytes: [UInt8], activity: String, timeout: Duration) throws(CallFailure) {
        let deadline = Deadline.now + timeout
        guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, sql) == 1 else { throw lost(activity) }
        try flush(deadline: deadline, activity: activity)
        try awaitAnswer(deadline: deadline, activity: activity)
        guard let ready = PQgetResult(handle) else { throw lost(activity) }
        defer { PQclear(ready) }
        guard PQresultStatus(ready) == PGRES_COPY_IN else { throw callFailure(ready, activity) }
        let sent = bytes.withUnsafeBytes { buffer in
            PQputCopyData(handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
        }
        guard sent == 1, PQputCopyEnd(handle, nil) == 1 else { throw lost(activity) }
        try flush(deadline: deadline, activity: activity)
        try readScriptAnswers(deadline: deadline, activity: activity)
    }

    private borrowing func send(_ statement: Statement) -> Bool {
        let parameters = statement.parameters
        var types = parameters.map(\.type.rawValue)
        var lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        var formats = [Int32](repeating: 1, count: parameters.count)
        // One buffer for all values: libpq copies them into its output before it returns.
        var all: [UInt8] = []
        all.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters { all.append(contentsOf: parameter.bytes ?? []) }
        all.append(0)
        return all.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            var offset = 0
            var values: [UnsafePointer<CChar>?] = parameters.map { parameter in
                guard let bytes = parameter.bytes else { return nil }
                defer { offset += bytes.count }
                return UnsafeRawPointer(base + offset).assumingMemoryBound(to: CChar.self)
            }
            return PQsendQueryParams(
                handle, statement.sql, Int32(parameters.count), &types, &values, &lengths, &formats, 0) == 1
        }
    }

    private borrowing func flush(deadline: Deadline, activity: String) throws(CallFailure) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            default: throw lost(activity)
            }
            let wanted = Int16(POLLIN) | Int16(POLLOUT)
            switch SocketWait.wait(PQsocket(handle), for: wanted, until: deadline, interrupt: interrupt) {
            case .ready(let events):
                if events & Int16(POLLIN) != 0, PQconsumeInput(handle) == 0 { throw lost(activity) }
            case .interrupted: throw CallFailure(failure: PostgresFailure.interrupted, isConnectionLost: true)
            case .timedOut: throw late(activity, isCommitUnknown: false)
            }
        }
    }

    /// Until `PQgetResult` would not block. From here on the server has the whole call.
    private borrowing func awaitAnswer(deadline: Deadline, activity: String) throws(CallFailure) {
        while PQisBusy(handle) == 1 {
            switch SocketWait.wait(PQsocket(handle), for: Int16(POLLIN), until: deadline, interrupt: interrupt) {
            case .ready:
                if PQconsumeInput(handle) == 0 { throw lost(activity, isCommitUnknown: true) }
            case .interrupted:
                throw CallFailure(failure: PostgresFailure.interrupted, isCommitUnknown: true, isConnectionLost: true)
            case .timedOut: throw late(activity, isCommitUnknown: true)
            }
        }
    }

    private borrowing func readAnswers(deadline: Deadline, activity: String) throws(CallFailure) -> [ResultTable] {
        var tables: [ResultTable] = []
        var refused: CallFailure?
        while true {
            do throws(CallFailure) {
                try awaitAnswer(deadline: deadline, activity: activity)
            } catch {
                // An error was answered before: the transaction cannot have been committed.
                guard let refused else { throw error }
                throw CallFailure(failure: refused.failure, isConnectionLost: true)
            }
            guard let result = PQgetResult(handle) else {
                if PQstatus(handle) == CONNECTION_BAD { throw refused ?? lost(activity, isCommitUnknown: true) }
                continue
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: tables.append(ResultTable(copying: result))
            case PGRES_PIPELINE_SYNC:
                if let refused { throw refused }
                return tables
            case PGRES_PIPELINE_ABORTED: break
            default:
                refused = refused ?? callFailure(result, activity)
                if PQstatus(handle) == CONNECTION_BAD, let refused { throw refused }
            }
        }
    }

    private borrowing func callFailure(_ result: OpaquePointer, _ activity: String) -> CallFailure {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else { return nil }
            return String(cString: text)
        }
        guard let sqlState = field("C") else { return lost(activity, isCommitUnknown: true) }
        let fields = PostgresFailure.Fields(sqlState: sqlState, constraint: field("n"), table: field("t"))
        // FATAL may come after the commit has taken effect; ERROR cannot.
        let isFatal = field("V") != "ERROR"
        return CallFailure(
            failure: PostgresFailure.failure(fields, activity: activity), isCommitUnknown: isFatal,
            isConnectionLost: isFatal, isMissingPartition: PostgresFailure.isMissingPartition(fields))
    }

    private borrowing func lost(_ activity: String, isCommitUnknown: Bool = false) -> CallFailure {
        CallFailure(
            failure: PostgresFailure.unreachable("\(activity) got no answer: the connection to PostgreSQL broke"),
            isCommitUnknown: isCommitUnknown, isConnectionLost: true)
    }

    private borrowing func late(_ activity: String, isCommitUnknown: Bool) -> CallFailure {
        CallFailure(
            failure: PostgresFailure.unreachable("\(activity) got no answer from PostgreSQL in time"),
            isCommitUnknown: isCommitUnknown, isConnectionLost: true)
    }
}

extension ResultTable {
    init(copying result: OpaquePointer) {
        let columns = PQnfields(result)
        for row in 0..<PQntuples(result) {
            rows.append((0..<columns).map { column in
                if PQgetisnull(result, row, column) == 1 { return nil }
                return PQgetvalue(result, row, column).map { String(cString: $0) }
            })
        }
    }
}
