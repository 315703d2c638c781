package import Model

/// What should become of a container that is what its service's file says.
///
/// The published table of what should be running (`Docs/Running.md` prints it): the state that
/// the engine reports, crossed with the service's restart policy. Health never changes it: a
/// running container that is unhealthy is reported, not restarted, because a restart loses what
/// a person would want to look at.
package enum Fate: Hashable, Sendable {
    case start
    case unpause
    /// It runs, or the engine is about to see to it.
    case leave
    /// It did what it was for.
    case done
    /// It ended badly and its policy says to leave it at that.
    case failed(exitCode: Int)
    /// It can't be started any more.
    case recreate

    /// The table's row for `state` and its column for `restart`.
    ///
    /// `restarts` is how often Docker has started it again by itself; nil when nobody looked.
    /// While Docker restarts a container, Docker owns it. A service without `restart:` is kept
    /// running unless it is a task; with `restart: "no"` it runs once, whatever comes of it.
    package init(
        state: ObservedContainer.State,
        exitCode: Int?,
        restart: Service.RestartPolicy?,
        isTask: Bool,
        startsOnCreate: Bool,
        restarts: Int?
    ) {
        switch state {
        case .running, .restarting, .removing: self = .leave
        case .paused: self = .unpause
        case .dead: self = .recreate
        case .created: self = startsOnCreate ? .start : .leave
        case .exited:
            let code = exitCode ?? 0
            self = Fate.ofExited(with: code, restart, isTask: isTask, restarts: restarts)
        }
    }

    private static func ofExited(
        with code: Int,
        _ restart: Service.RestartPolicy?,
        isTask: Bool,
        restarts: Int?
    ) -> Fate {
        switch restart {
        case .always, .unlessStopped: .start
        case .no: code == 0 ? .done : .failed(exitCode: code)
        case .onFailure where code == 0: .done
        case .onFailure(0): .start
        case .onFailure(let retries):
            // Where nobody counted, nobody can tell whether Docker has given up.
            restarts.map { $0 >= retries ? .failed(exitCode: code) : .start } ?? .leave
        case nil:
            if isTask { code == 0 ? .done : .failed(exitCode: code) } else { .start }
        }
    }
}
