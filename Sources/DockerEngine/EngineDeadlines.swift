/// How long the engine may take.
package struct EngineDeadlines: Hashable, Sendable {
    /// For any call that has no limit of its own.
    package var call: Duration
    /// For stopping a container whose grace period the request doesn't name; it is added to the
    /// period where it does.
    package var stop: Duration
    package var pull: Duration
    /// How long a pull may report nothing at all.
    package var pullStall: Duration
    /// Until a connection stands, over ssh an account's session too.
    package var connect: Duration
    /// For any call that changes something but a pull, whatever else is said; nil: none.
    package var change: Duration?

    package init(
        call: Duration = .seconds(30),
        stop: Duration = .seconds(300),
        pull: Duration = .seconds(1800),
        pullStall: Duration = .seconds(120),
        connect: Duration = .seconds(10),
        change: Duration? = nil
    ) {
        self.call = call
        self.stop = stop
        self.pull = pull
        self.pullStall = pullStall
        self.connect = connect
        self.change = change
    }
}
