package import Model

extension StackGenerator {
    /// What a commit does to a stack.
    package enum Edit: String, CaseIterable, Sendable {
        case environment, image, replicas, added, removed, network, volume, published, restart
        case portMoved, renamed
    }

    /// `stack` after one to three edits; the same stack when they happen to change nothing.
    package mutating func edited(_ stack: Stack) -> Stack {
        var edited = stack
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            edited = self.edited(edited, by: random.pick(Edit.allCases))
        }
        return edited
    }

    /// `stack` after one edit of a service that the seed picks.
    package mutating func edited(_ stack: Stack, by edit: Edit) -> Stack {
        var stack = stack
        let name = random.pick(stack.services.keys.sorted())
        switch edit {
        case .added: add(to: &stack)
        case .removed where stack.services.count > 1: stack.services[name] = nil
        case .removed: break
        case .portMoved: movePort(of: name, in: &stack)
        case .renamed: rename(name, in: &stack)
        default: stack.services[name].map { stack.services[name] = self.edited($0, by: edit) }
        }
        return StackGenerator.coherent(stack)
    }

    private mutating func edited(_ service: Service, by edit: Edit) -> Service {
        var service = service
        switch edit {
        case .environment:
            let version = UInt8.random(using: &random)
            if version % 2 == 0, let index = service.contentIndex {
                service.volumes[index] = content(version % 10)
            } else {
                service.environment["VERSION"] = "\(version)"
            }
        case .image:
            let name = service.image.prefix { $0 != ":" }
            service.image = "\(name):\(Int.random(in: 4...9, using: &random))"
        case .replicas: service.replicas = Int.random(in: 0...4, using: &random)
        case .network:
            service.networks = service.networks.isEmpty ? ["default": .init()] : [:]
        case .volume:
            let mount = Mount(source: .volume(key: "more"), target: "/more")
            service.volumes = service.volumes.isEmpty ? [mount] : []
        case .published:
            let port = UInt16.random(in: 8100...8999, using: &random)
            service.ports = [PortMapping(published: port, target: 80)]
        case .restart where !StackGenerator.isTask(service):
            service.restart = service.restart == .always ? .onFailure(retries: 1) : .always
        case .restart, .added, .removed, .portMoved, .renamed: break
        }
        return service
    }

    /// Gives the ports of a service to another one; the two swap where both have some.
    private mutating func movePort(of name: String, in stack: inout Stack) {
        let names = stack.services.keys.filter { $0 != name }.sorted()
        guard !names.isEmpty, let ports = stack.services[name]?.ports else { return }
        let other = random.pick(names)
        let others = stack.services[other]?.ports ?? []
        stack.services[name]?.ports = others
        stack.services[other]?.ports = ports
    }

    private mutating func rename(_ name: String, in stack: inout Stack) {
        let free = StackGenerator.names.filter { stack.services[$0] == nil }
        guard !free.isEmpty else { return }
        let service = stack.services.removeValue(forKey: name)
        stack.services[random.pick(free)] = service
    }

    private mutating func add(to stack: inout Stack) {
        let free = StackGenerator.names.filter { stack.services[$0] == nil }
        guard !free.isEmpty else { return }
        let name = random.pick(free)
        stack.services[name] = service(named: name, among: stack.services)
    }
}

extension Service {
    fileprivate var contentIndex: Int? { volumes.firstIndex { $0.target == "/etc/content" } }
}

extension UInt8 {
    fileprivate static func random(using random: inout SplitMix64) -> UInt8 {
        UInt8.random(in: 2...255, using: &random)
    }
}
