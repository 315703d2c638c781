internal import Model

/// One entry of `GET /containers/json`; names are the API's own.
///
/// Only what is used is decoded: a listing is read every minute for every container.
struct ContainerEntry: Decodable {
    let Id: String
    let Names: [String]
    let ImageID: String
    let Created: Int64
    let Labels: [String: String]?
    let State: ObservedContainer.State
    let Status: String
    let NetworkSettings: Networks?
    let Mounts: [Mount]?
    let Ports: [Port]?

    struct Networks: Decodable {
        let Networks: [String: Endpoint]?

        /// By name of the network, where there is one.
        var addresses: [String: String] {
            (Networks ?? [:]).compactMapValues(\.IPAddress).filter { !$0.value.isEmpty }
        }
    }

    struct Endpoint: Decodable {
        let NetworkID: String
        let IPAddress: String?
        /// In an inspect only.
        let Aliases: [String]?
    }

    struct Port: Decodable {
        let IP: String?
        let PrivatePort: UInt16?
        let PublicPort: UInt16?
        let kind: String

        enum CodingKeys: String, CodingKey {
            case IP, PrivatePort, PublicPort
            case kind = "Type"
        }
    }

    struct Mount: Decodable {
        let kind: String
        let name: String?
        /// A path of the node, also for a volume.
        let source: String?
        let isWritable: Bool?

        enum CodingKeys: String, CodingKey {
            case kind = "Type"
            case name = "Name"
            case source = "Source"
            case isWritable = "RW"
        }

        /// The volume that is mounted, or out of which a content's file is bound.
        var volume: String? {
            if kind == "volume" { return name }
            return kind == "bind" ? source.flatMap(ContentVolume.init(bound:))?.name : nil
        }

        var observed: ObservedMount? {
            let place = kind == "volume" ? name : kind == "bind" ? source : nil
            return place.map { ObservedMount(source: $0, readOnly: isWritable == false) }
        }
    }

    /// The container as the vocabulary has it.
    ///
    /// One that was never started is listed with the names of its networks only; `networks` has
    /// the engine ids of ours by name.
    func observed(networks: [String: String]) -> ObservedContainer {
        let status = ContainerStatus(Status)
        let attached = (NetworkSettings?.Networks ?? [:]).map { name, endpoint in
            (name, endpoint.NetworkID.isEmpty ? networks[name] ?? "" : endpoint.NetworkID)
        }
        var container = ObservedContainer(
            id: Id,
            name: ContainerEntry.ownName(Names),
            labels: Labels ?? [:],
            imageID: ImageID,
            state: State,
            health: status.health,
            exitCode: status.exitCode,
            created: Instant(milliseconds: Created * 1000),
            networks: Dictionary(attached) { first, _ in first },
            volumes: (Mounts ?? []).compactMap(\.volume),
            mounts: (Mounts ?? []).compactMap(\.observed),
            ports: Set(
                (Ports ?? []).compactMap { port in
                    port.PublicPort.map { HostPort($0, port.kind) }
                }
            ),
            bindings: bindings
        )
        container.addresses = NetworkSettings?.addresses ?? [:]
        return container
    }

    /// The engine lists every address of IPv4 and every one of IPv6 apart, where it is both.
    private var bindings: Set<PortBinding> {
        let all = Set(
            (Ports ?? []).compactMap { port in
                port.PublicPort.map {
                    PortBinding(port.PrivatePort ?? 0, port.kind, address: port.IP, number: $0)
                }
            }
        )
        return Set(
            all.map { binding in
                var (four, six, both) = (binding, binding, binding)
                (four.address, six.address, both.address) = ("0.0.0.0", "::", nil)
                let isHalf = binding == four || binding == six
                return isHalf && all.isSuperset(of: [four, six]) ? both : binding
            }
        )
    }

    /// Its own name among those that legacy links gave it, which have a second slash.
    private static func ownName(_ names: [String]) -> String {
        let own = names.first { !$0.dropFirst().contains("/") } ?? names.first ?? ""
        return own.hasPrefix("/") ? String(own.dropFirst()) : own
    }
}

/// What an entry of `GET /containers/json` listens on.
struct PortEntry: Decodable {
    let Id: String
    let Ports: [ContainerEntry.Port]?

    var bound: [BoundPort] {
        (Ports ?? []).compactMap { port in
            port.PublicPort.map { BoundPort(port.IP, $0, port.kind, container: Id) }
        }
    }
}

/// One entry of `GET /networks`; names are the API's own.
struct NetworkEntry: Decodable {
    let Id: String
    let Name: String
    let Labels: [String: String]?
    let Internal: Bool?
    let Driver: String?
    let Options: [String: String]?
    let IPAM: Addresses?

    struct Addresses: Decodable {
        /// null is how an engine says that there are none.
        let Config: [Pool]?

        struct Pool: Decodable {
            let Subnet: String?
        }
    }

    var observed: ObservedNetwork {
        ObservedNetwork(
            id: Id,
            name: Name,
            labels: Labels ?? [:],
            isInternal: Internal,
            subnets: (IPAM?.Config ?? []).compactMap(\.Subnet)
        )
    }
}

/// The answer to `GET /volumes`; names are the API's own.
struct VolumeListing: Decodable {
    /// null is how an engine says that there are none.
    let Volumes: [Entry]?

    /// Unlike the compiler's own, this wants the member to be there.
    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        Volumes = try members.decode([Entry]?.self, forKey: .Volumes)
    }

    enum CodingKeys: CodingKey {
        case Volumes
    }

    struct Entry: Decodable {
        let Name: String
        let Labels: [String: String]?
        let Driver: String?
        let Options: [String: String]?
    }
}
