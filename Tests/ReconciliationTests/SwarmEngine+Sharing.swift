import Model
import Reconciliation

/// What only one service of a Swarm can have.
extension SwarmEngine.State {
    /// Why a service with this body isn't taken, made anew or in the place of what it was.
    ///
    /// Source: swarmkit's `checkPortConflicts`, which `CreateService` and `UpdateService` ask.
    func portRefusal(of body: JSON, _ id: String? = nil) -> SwarmAnswer? {
        for (port, isHosts) in Self.ports(of: body) {
            let other = services.values.first { service in
                service.id != id
                    && Self.ports(of: service.spec).contains { $0 == port && !($1 && isHosts) }
            }
            guard let name = other?.name ?? (takenPorts.contains(port) ? "other" : nil) else {
                continue
            }
            let words = "port '\(port)' is already in use by service '\(name)'"
            var answer = SwarmAnswer("InvalidArgument desc = \(words)", isFinal: false)
            answer.want = .port
            return answer
        }
        return nil
    }

    /// Whether tasks run that must not beside those of this body: of a service before it, or of
    /// another that mounts what one of the two writes.
    func hasOthers(beside body: JSON, _ id: String? = nil) -> Bool {
        let mounts = Self.mounts(of: body)
        func excludes(_ others: [ObservedMount]) -> Bool {
            others.contains { other in
                mounts.contains { $0.source == other.source && !($0.readOnly && other.readOnly) }
            }
        }
        let key = body["Labels"]?[Labels.service]?.stringValue
        return ending.contains { task in
            id == nil && task.labels[Labels.service] == key || excludes(task.mounts)
        } || services.values.contains { $0.id != id && excludes(Self.mounts(of: $0.spec)) }
    }

    static func mounts(of spec: JSON) -> [ObservedMount] {
        let mounts = spec["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.arrayValue ?? []
        return mounts.compactMap { mount in
            mount["Source"]?.stringValue.map {
                ObservedMount(source: $0, readOnly: mount["ReadOnly"] == true)
            }
        }
    }

    /// With whether each is published on nodes alone, where two services may have one.
    private static func ports(of spec: JSON) -> [(port: Int64, isHosts: Bool)] {
        let ports = spec["EndpointSpec"]?["Ports"]?.arrayValue ?? []
        return ports.compactMap { port in
            port["PublishedPort"]?.intValue.map { ($0, port["PublishMode"] == "host") }
        }
    }
}
