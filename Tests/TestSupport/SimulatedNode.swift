package import Model

/// A Docker engine as a value: it simulates, and proves nothing about the real one.
///
/// It keeps the rules of the engine that plans have to respect and refuses what the engine would
/// refuse. Time passes only when somebody waits.
package struct SimulatedNode: Sendable {
    /// What the processes of an image do once they are started.
    package enum Behaviour: Hashable, Sendable {
        case runs
        /// Ends after two seconds.
        case exits(Int)
        /// Runs, but its health check fails; without one it ends with status 1.
        case sickens
        /// Runs, but its health check never comes to a result.
        case dawdles
        /// Runs for so long, and ends with status 1.
        case fades(after: Nanoseconds)
    }

    package internal(set) var time = Instant(milliseconds: 1_800_000_000_000)
    /// How far its own clock, which dates what it says, is ahead.
    package var lead = Nanoseconds(0)
    /// By engine id.
    package var containers: [String: Container] = [:]
    package var networks: [String: ObservedNetwork] = [:]
    /// By name.
    package var volumes: [String: ObservedVolume] = [:]
    /// Names of those whose content is there.
    package var filled: Set<String> = []
    /// Ids of the images that are there.
    package var images: Set<String> = []
    /// By the image's id; what is not here runs, and ``StackGenerator/taskImage`` exits with 0.
    package var behaviours: [String: Behaviour] = [:]
    /// Slots in which an image that sickens runs all the same.
    package var spared: Set<Slot> = []
    /// How many containers were started, each of which got the next address.
    var addresses = 1
    /// What a container exits with when it is stopped.
    package var stopCode = 143
    /// Told apart from other nodes: no two engines give one id.
    package var name = ""
    private var idsGiven = 0

    package init() {}

    /// A container, with what an observation doesn't show.
    package struct Container: Hashable, Sendable {
        package var seen: ObservedContainer
        package var restart: Service.RestartPolicy
        package var hasHealthcheck: Bool
        package var behaviour: Behaviour
        /// When it was started last, whatever the node's clock showed.
        var began: Instant?

        package var isRunning: Bool {
            [.running, .paused, .restarting].contains(seen.state)
        }
    }

    /// Why the engine would refuse a call.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String

        init(_ description: String) { self.description = description }
    }

    /// What its own clock shows.
    package var clock: Instant { time.adding(lead) }

    /// An id that was never given before.
    mutating func newID(_ kind: String) -> String {
        idsGiven += 1
        return SHA256Hex.of("\(kind) \(idsGiven)\(name)")
    }

    /// What a listing and an inspect of each container show of all that bears a controller's
    /// label.
    package var observation: Observation {
        Observation(
            time: time,
            engineTime: clock,
            containers: containers.values.map(\.seen).filter { $0.labels.bearController },
            networks: networks.values.filter { $0.labels.bearController },
            volumes: volumes.values.filter { $0.labels.bearController }
        )
    }

    /// What bears Compose's label for a project.
    package func observation(ofComposeProject name: String) -> Observation {
        func isOf(_ labels: [String: String]) -> Bool { labels[Labels.Compose.project] == name }
        return Observation(
            time: time,
            containers: containers.values.map(\.seen).filter { isOf($0.labels) },
            networks: networks.values.filter { isOf($0.labels) },
            volumes: volumes.values.filter { isOf($0.labels) }
        )
    }

    /// Resolves a reference as a registry that never changes a tag would.
    package static func pin(_ reference: String) -> ImagePin {
        let name = ImageReference(reference)?.familiarName ?? reference
        let digest = "\(name)@sha256:\(SHA256Hex.of(reference))"
        return ImagePin(reference: reference, imageID: imageID(of: digest), digest: digest)
    }

    package static func imageID(of digest: String) -> String { "sha256:" + SHA256Hex.of(digest) }

    /// Lets time pass, second by second.
    package mutating func pass(seconds: Int) {
        for _ in 0..<seconds {
            time = time.adding(.seconds(1))
            let date = clock
            for id in containers.keys.sorted() { containers[id]?.live(until: time, dated: date) }
        }
    }
}

extension [String: String] {
    fileprivate var bearController: Bool { self[Labels.controller] != nil }
}

extension SimulatedNode.Container {
    /// What its processes have come to two seconds after they started.
    mutating func live(until time: Instant, dated date: Instant) {
        guard seen.state == .running, let began, time.since(began) >= .seconds(2) else { return }
        switch behaviour {
        case .runs: seen.health = hasHealthcheck ? .healthy : nil
        case .dawdles: return
        case .sickens where hasHealthcheck:
            seen.health = .unhealthy
            seen.details?.lastCheck = .init(exitCode: 1, output: "no route")
        case .sickens: exit(with: 1, at: time, dated: date)
        case .fades(let span):
            seen.health = hasHealthcheck ? .healthy : nil
            if time.since(began) >= span { exit(with: 1, at: time, dated: date) }
        case .exits(let code): exit(with: code, at: time, dated: date)
        }
    }

    /// Ends, and is started again where its restart policy says so.
    mutating func exit(with code: Int, at time: Instant, dated date: Instant) {
        let isRestarted =
            switch restart {
            case .no: false
            case .always, .unlessStopped: true
            case .onFailure(let retries):
                code != 0 && (retries == 0 || (seen.details?.restartCount ?? 0) < retries)
            }
        if isRestarted {
            seen.details?.restartCount += 1
            seen.details?.started = date
            began = time
            seen.health = hasHealthcheck ? .starting : nil
        } else {
            seen.state = .exited
            seen.exitCode = code
            seen.health = nil
        }
    }
}
