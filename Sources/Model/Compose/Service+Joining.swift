/// A namespace of a container that one service can have of another.
///
/// Source: the Compose specification, `network_mode`, `pid` and `ipc`.
package enum JoinedNamespace: String, Hashable, Codable, Sendable, CaseIterable {
    case ipc, network, pid

    /// Its attribute in a compose file.
    package var attribute: String { self == .network ? "network_mode" : rawValue }

    /// Its member of a container's `HostConfig`.
    package var engineKey: String {
        switch self {
        case .ipc: "IpcMode"
        case .network: "NetworkMode"
        case .pid: "PidMode"
        }
    }
}

extension Service {
    /// The services in whose containers its own ones live, by what they share with them.
    package var joins: [JoinedNamespace: String] {
        let found = JoinedNamespace.allCases.compactMap { kind -> (JoinedNamespace, String)? in
            guard let mode = privileges.namespaces[kind.attribute],
                mode.utf8.starts(with: "service:".utf8)
            else { return nil }
            return (kind, String(decoding: mode.utf8.dropFirst(8), as: UTF8.self))
        }
        return Dictionary(uniqueKeysWithValues: found)
    }
}

/// A container in which another one lives, as ``Labels/joins`` of the other tells it.
package struct Joined: Hashable, Codable, Sendable, Comparable {
    package let namespace: JoinedNamespace
    package let service: String
    /// The engine's id of the container.
    package let id: String

    package init(_ namespace: JoinedNamespace, of service: String, id: String) {
        self.namespace = namespace
        self.service = service
        self.id = id
    }

    package static func < (a: Joined, b: Joined) -> Bool {
        a.namespace.rawValue < b.namespace.rawValue
    }

    /// `ipc=web:<id>,network=web:<id>`.
    package static func label(_ joined: [Joined]) -> String {
        joined.sorted().map { "\($0.namespace.rawValue)=\($0.service):\($0.id)" }
            .joined(separator: ",")
    }

    /// What a label says; nothing of what can't be read.
    package static func reading(_ label: String?) -> [Joined] {
        (label ?? "").split(separator: ",").compactMap { part in
            let sides = part.split(separator: "=", maxSplits: 1)
            let target = sides.last?.split(separator: ":") ?? []
            guard sides.count == 2, target.count == 2,
                let namespace = JoinedNamespace(rawValue: String(sides[0]))
            else { return nil }
            return Joined(namespace, of: String(target[0]), id: String(target[1]))
        }
    }
}
