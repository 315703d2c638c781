internal import Model

/// Clocks of nodes that show another time than the controller's.
///
/// Nothing is decided from that: a container's age is told by the clock of its own engine, and
/// whatever the controller waits for by one that nobody sets. People read times of both.
extension Controller {
    /// Less is no trouble, and an answer that was long on its way could hide it.
    private static let tolerance = Nanoseconds.seconds(5)

    /// How far a node's clock is ahead of the controller's, at the least.
    ///
    /// Negative: behind; nil where it is not off, as far as answers told.
    func clockOff(of node: ClusterNode) -> Nanoseconds? {
        guard let shown = node.engine.time() else { return nil }
        let own = parts.clock.now()
        let off = max(shown.lowerBound.since(own), min(shown.upperBound.since(own), .init(0)))
        return abs(off.count) >= Controller.tolerance.count ? off : nil
    }

    /// The same of all nodes whose clocks are off, by name.
    var clocksOff: [String: Nanoseconds] { nodes.compactMapValues(\.clockOff) }
}
