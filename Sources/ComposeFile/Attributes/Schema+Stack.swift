internal import Model

/// The stack while its files are read.
struct StackDraft {
    var stack: Stack
    /// Declared networks, also ones that no service uses.
    var networks: [String: Stack.Network] = [:]
    var services: [String: ServiceDraft] = [:]
}

/// The top of a compose file.
extension Schema where Target == StackDraft {
    static let stack = Schema(
        "a compose file",
        handled: [
            Attribute("version") { value, _ in
                if value.string != nil {
                    value.warn(
                        "obsolete-version",
                        "means nothing any more",
                        fix: "remove it"
                    )
                }
            },
            Attribute("name") { value, draft in
                value.checkProjectName(draft.stack.id.composeProjectName)
            },
            Attribute("services") { $0.readServices(into: &$1) },
            Attribute("networks") { $0.readNetworks(into: &$1) },
            Attribute("volumes") { $0.readVolumes(into: &$1) },
        ],
        refused: [
            "include": "write the services into this file",
            "secrets": "hold the values in env_file, or mount a granted path of the node",
            "configs": "build the files into the image, or mount a granted path of the node",
            "models": "run the models as services",
            "jobs": "write a service with restart: \"no\"",
        ]
    )
}

extension Value {
    fileprivate func checkProjectName(_ name: String) {
        guard let string, !string.isEmpty, string != name else { return }
        fail(
            "project-name",
            "must be the stack's own name, \"\(name)\"",
            not: string,
            fix: "remove name:, or write \"\(name)\""
        )
    }

    fileprivate func readServices(into draft: inout StackDraft) {
        guard isMapping else { return failType("a mapping") }
        for entry in members where entry.checkKey("a service") {
            guard draft.services.count < 10_000 else {
                entry.fail("too-many-services", "is one of more than 10000 services")
                return
            }
            var service = ServiceDraft()
            entry.record()
            Schema.service.read(entry, into: &service)
            entry.finish(&service)
            draft.services[entry.name] = service
        }
    }

    fileprivate func readNetworks(into draft: inout StackDraft) {
        guard !isNull else { return }
        for entry in entries ?? [] where entry.checkKey("a network") {
            let project = draft.stack.id.composeProjectName
            var network = Stack.Network(name: "\(project)_\(entry.name)")
            entry.record()
            if !entry.isNull { Schema.network.read(entry, into: &network) }
            draft.networks[entry.name] = network
        }
    }

    fileprivate func readVolumes(into draft: inout StackDraft) {
        guard !isNull else { return }
        for entry in entries ?? [] where entry.checkKey("a volume") {
            let project = draft.stack.id.composeProjectName
            var volume = Stack.Volume(name: "\(project)_\(entry.name)")
            entry.record()
            if !entry.isNull { Schema.volume.read(entry, into: &volume) }
            draft.stack.volumes[entry.name] = volume
        }
    }

    /// Source: the schema's `^[a-zA-Z0-9._-]+$` for keys of services, networks and volumes.
    private func checkKey(_ noun: String) -> Bool {
        let isValid =
            !name.isEmpty
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic
                        || "0123456789._-".unicodeScalars.contains(scalar))
            }
        if !isValid {
            loading.report(
                "invalid-name",
                "\"\(name)\" is no name of \(noun)",
                at: keyLocation,
                field: path,
                fix: "use letters, digits, dots, hyphens and underscores"
            )
        }
        return isValid
    }

    /// `driver`, of which an engine without plugins has one.
    fileprivate func checkDriver(_ only: String) {
        guard let string, string != only else { return }
        fail(
            "not-supported",
            "must be \(only); other drivers are not handled yet",
            fix: "remove it"
        )
    }

    /// `external`, which would reach what other stacks own.
    fileprivate func checkExternal(_ noun: String) {
        let isExternal = isMapping || bool == true
        if isExternal {
            fail(
                "not-supported",
                "asks for \(noun) of other stacks, which is not handled yet",
                fix: "remove external:; the stack gets its own"
            )
        }
    }
}

extension Schema where Target == Stack.Network {
    fileprivate static let network = Schema(
        "a network",
        handled: [
            Attribute("name") { value, network in
                if let name = value.nonEmptyString { network.name = name }
            },
            Attribute("driver") { value, _ in value.checkDriver("bridge") },
            Attribute("internal") { $1.isInternal = $0.bool ?? false },
            Attribute("labels") { $1.labels = $0.labels ?? [:] },
            Attribute("external") { value, _ in value.checkExternal("networks") },
            Attribute("ipam") { value, _ in
                value.checkEmpty(fix: "remove it; networks take their subnets from a pool")
            },
        ],
        refused: [
            "attachable": "remove it; it is for Swarm", "driver_opts": "remove it",
            "enable_ipv4": "remove it", "enable_ipv6": "remove it",
        ]
    )
}

extension Schema where Target == Stack.Volume {
    fileprivate static let volume = Schema(
        "a volume",
        handled: [
            Attribute("name") { value, volume in
                if let name = value.nonEmptyString { volume.name = name }
            },
            Attribute("driver") { value, _ in value.checkDriver("local") },
            Attribute("labels") { $1.labels = $0.labels ?? [:] },
            Attribute("external") { value, _ in value.checkExternal("volumes") },
        ],
        refused: ["driver_opts": "bind a granted path of the node in the service"]
    )
}
