/// How long a blocking conversation may take, and who may end it early.
///
/// Whoever waits looks at the flag several times a second.
package struct Patience: Sendable {
    /// Until the other side can be spoken with, secrets agreed.
    package var connect: Duration
    /// Between two bytes, either way.
    package var progress: Duration
    /// When it is over, whatever moves.
    package var end: ContinuousClock.Instant
    package let stop: StopFlag

    package init(
        connect: Duration = .seconds(10),
        progress: Duration = .seconds(30),
        total: Duration,
        stop: StopFlag = StopFlag()
    ) {
        self.connect = connect
        self.progress = progress
        end = .now + total
        self.stop = stop
    }

    /// Which of the deadlines passed.
    package enum Deadline: Hashable, Sendable {
        case connect, progress, end
    }

    /// How often a waiting thread looks at the flag.
    static let glance = Duration.milliseconds(200)

    /// Ends a wait that has lasted too long.
    func check(
        _ operation: String,
        since lastMove: ContinuousClock.Instant,
        isConnected: Bool = true
    ) throws(TransportError) {
        let now = ContinuousClock.now
        if stop.isSet {
            throw TransportError(.shutDown, operation: operation, message: "it was asked to stop")
        }
        if now >= end { throw late(operation, .end, "it took longer than it may in all") }
        let limit = isConnected ? progress : connect
        guard now - lastMove >= limit else { return }
        throw isConnected
            ? late(operation, .progress, "nothing came for \(limit.inWords)")
            : late(operation, .connect, "no connection within \(limit.inWords)")
    }

    /// How long one wait for a socket may take.
    var waitMilliseconds: Int32 {
        let left = min(Patience.glance, max(.zero, end - .now))
        return Int32(left / .milliseconds(1)) + 1
    }

    private func late(
        _ operation: String,
        _ deadline: Deadline,
        _ message: String
    )
        -> TransportError
    {
        TransportError(.timedOut, operation: operation, message: message, deadline: deadline)
    }
}

extension Duration {
    /// `10 s` or `250 ms`.
    var inWords: String {
        let milliseconds = Int64(self / .milliseconds(1))
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
