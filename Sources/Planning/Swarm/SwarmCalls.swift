internal import Admission
internal import FoundationEssentials
package import Model

/// The bodies by which `docker stack deploy` brings a stack up on a Swarm.
///
/// Source: docker/cli 28, `cli/compose/convert`. Ids of the Swarm stand as tokens.
package struct SwarmCalls: Sendable {
    package private(set) var networks: [JSON] = []
    package private(set) var secrets: [JSON] = []
    package private(set) var configs: [JSON] = []
    package private(set) var services: [JSON] = []
    /// Warnings, and why the rest can't be sent.
    package private(set) var messages: [String] = []
    /// Whether all of it can be sent.
    package private(set) var isWhole = true

    package init(_ stack: Stack, named name: String) {
        let scope = SwarmScope(stack: stack, name: name)
        messages = SwarmRemarks.messages(stack)
        for (key, service) in stack.services.sorted(by: { $0.key < $1.key }) {
            do throws(SwarmRefusal) {
                _ = try SwarmContainer(service, key, scope).image
            } catch {
                // Before anything is sent.
                messages = [error.message]
                isWhole = false
                return
            }
        }
        networks = scope.networks
        secrets = stack.secrets.values.compactMap { scope.body($0, isSecret: true) }.sortedByName
        configs = stack.configs.values.compactMap { scope.body($0, isSecret: false) }.sortedByName
        for (key, service) in stack.services.sorted(by: { $0.key < $1.key }) {
            do throws(SwarmRefusal) {
                services.append(try SwarmService(service, key, scope).body)
            } catch {
                messages = [error.message]
                isWhole = false
                // What stands before the services is sent; of them none.
                services = []
                return
            }
        }
        services = services.sortedByName
    }

    /// What Gyre itself would send to an empty Swarm for a stack that policy let pass.
    ///
    /// Neither the claims of objects, random tokens, nor what files hold are in it; images are
    /// tokens too.
    package init(bringingUp desired: Desired, controller: String, _ rules: SwarmRules) throws {
        let names = desired.admitted.stack.externalNames
        var externals = ExternalIDs()
        for (kind, names) in [
            (OwnedObject.Kind.network, names.networks), (.config, names.configs),
            (.secret, names.secrets),
        ] {
            for name in names { externals[kind, name] = EngineToken.id(name) }
        }
        let input = PlanningInput(
            desired: desired,
            observation: Observation(time: Instant(milliseconds: 0), volumes: []),
            owned: [],
            externals: externals,
            controller: controller,
            swarm: rules
        )
        let pin = ImagePin(reference: "", imageID: EngineToken.image, digest: nil)
        var context = StepContext(pin: pin, controller: controller)
        for step in Plan(from: input).steps {
            guard let request = EngineRequest(step.operation, in: context),
                let bytes = request.body
            else { continue }
            let body = try JSON(parsing: bytes)
            switch step.operation {
            case .createNetwork(let spec):
                context.swarmIDs[SwarmToken.network(spec.name)] = EngineToken.id(spec.name)
                networks.append(body)
            case .change(let change):
                let token = SwarmToken.file(change.kind, change.name)
                context.swarmIDs[token] = EngineToken.id(change.name)
                switch change.kind {
                case .config: configs.append(body)
                case .secret: secrets.append(body)
                default: services.append(body)
                }
            default: continue
            }
        }
        networks = networks.sortedByName
        secrets = secrets.sortedByName
        configs = configs.sortedByName
        services = services.sortedByName
    }

    /// All of it as one value.
    package var json: JSON {
        .members([
            "networks": .unlessEmpty(networks), "secrets": .unlessEmpty(secrets),
            "configs": .unlessEmpty(configs), "services": .array(services),
            "messages": .strings(Set(messages).sorted()), "exit": isWhole ? 0 : 1,
        ])
    }
}

/// Why a service can't be one of a Swarm.
struct SwarmRefusal: Error {
    let message: String
}

/// A stack under the name that goes before those of its objects.
struct SwarmScope {
    let stack: Stack
    let name: String

    /// The tenant's labels and the stack's name.
    func labels(_ labels: [String: String]) -> JSON {
        .strings(labels.merging(["com.docker.stack.namespace": name]) { _, ours in ours })
    }

    /// The networks that services join and that the stack makes.
    var networks: [JSON] {
        let joined = Set(stack.services.values.flatMap(\.networks.keys))
        return stack.networks.filter { joined.contains($0.key) && !$0.value.isExternal }
            .map { body($0.value) }.sortedByName
    }

    private func body(_ network: Stack.Network) -> JSON {
        let pools = network.addressing.pools.map {
            JSON.members(["Subnet": .unlessEmpty($0.subnet)])
        }
        let driver = network.addressing.driver ?? ""
        let addresses: JSON? =
            driver.isEmpty && pools.isEmpty
            ? nil : .members(["Driver": .string(driver), "Config": .unlessEmpty(pools)])
        return .members([
            "Attachable": .bool(network.isAttachable), "ConfigOnly": false,
            "Driver": .string(network.driver.flatMap { $0.isEmpty ? nil : $0 } ?? "overlay"),
            "IPAM": addresses, "Ingress": false,
            "Internal": .bool(network.isInternal), "Labels": labels(network.labels),
            "Name": .string(network.name), "Options": .unlessEmpty(network.options),
            "Scope": "",
        ])
    }

    /// A config or a secret; nil for one that somebody else makes.
    func body(_ file: Stack.StoredFile, isSecret: Bool) -> JSON? {
        guard file.origin != .external else { return nil }
        let driver: JSON? =
            isSecret && file.driver?.isEmpty == false
            ? .members([
                "Name": .unlessEmpty(file.driver), "Options": .unlessEmpty(file.options),
            ]) : nil
        let data = file.content.map { Data($0).base64EncodedString() }
        return .members([
            "Data": .unlessEmpty(data), "Driver": driver, "Labels": labels(file.labels),
            "Name": .string(file.name),
            "Templating": .unlessEmpty(file.templateDriver).map { ["Name": $0] },
        ])
    }
}

/// What `docker stack deploy` says besides.
enum SwarmRemarks {
    static func messages(_ stack: Stack) -> [String] {
        stack.services.values.flatMap(\.ports).compactMap { port in
            guard let address = port.hostIP, address != "0.0.0.0" else { return nil }
            let published = port.published.map { "\($0):" } ?? ""
            let transport = port.protocol.isEmpty ? "" : "/\(port.protocol)"
            return "level=warning msg=\"ignoring IP-address "
                + "(\(address):\(published)\(port.target)\(transport)) service will listen on "
                + "'0.0.0.0'\""
        }
    }
}

extension [JSON] {
    fileprivate var sortedByName: [JSON] {
        sorted { ($0["Name"]?.stringValue ?? "") < ($1["Name"]?.stringValue ?? "") }
    }
}
