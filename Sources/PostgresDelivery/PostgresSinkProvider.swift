// Makes the sinks of one process, one for each thread that delivers or claims, and can stop them all.
internal import StreamCore

package struct PostgresSinkProvider: ResultSinkProvider {
    private let options: PostgresOptions
    private let interrupt = InterruptSignal()

    package init(options: PostgresOptions) { self.options = options }

    package func makeSink(name: String) -> PostgresSink {
        PostgresSink(options: options, name: name, interrupt: interrupt)
    }

    /// For good: calls that run end at once, later ones fail at once. A transaction that the server has whole may still
    /// commit.
    package func interruptAll() { interrupt.raise() }
}
