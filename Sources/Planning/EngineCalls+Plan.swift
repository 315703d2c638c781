internal import Model

extension EngineCalls {
    /// What Gyre itself would send to an empty engine for a stack that policy let pass.
    ///
    /// The claims of objects, random tokens, are not among the labels; images are tokens too.
    package init(bringingUp desired: Desired, controller: String) throws {
        let input = PlanningInput(
            desired: desired,
            observation: Observation(time: Instant(milliseconds: 0), volumes: []),
            owned: [],
            controller: controller
        )
        for step in Plan(from: input).steps {
            try add(step.operation, of: desired, controller: controller)
        }
        let byName = { (a: JSON, b: JSON) in a.name < b.name }
        networks.sort(by: byName)
        volumes.sort(by: byName)
        containers.sort(by: byName)
    }

    private mutating func add(
        _ operation: Operation,
        of desired: Desired,
        controller: String
    ) throws {
        let pin = ImagePin(reference: "", imageID: EngineToken.image, digest: nil)
        let container = operation.container.map { EngineToken.id($0.name) }
        var context = StepContext(container: container, pin: pin, controller: controller)
        if case .createContainer(let spec) = operation {
            context.joined = spec.joins.mapValues { EngineToken.id($0.name) }
        }
        guard let request = EngineRequest(operation, in: context), let bytes = request.body else {
            return
        }
        let body = try JSON(parsing: bytes)
        switch operation {
        case .createNetwork: networks.append(body)
        case .createVolume: volumes.append(body)
        case .createContainer(let spec):
            containers.append(["name": .string(spec.name), "body": body])
        case .connect(_, let attachment):
            connects.append([
                "network": .string(attachment.network),
                "container": container.map(JSON.string) ?? .null,
                "config": body["EndpointConfig"] ?? [:],
            ])
        default: break
        }
    }
}

extension JSON {
    fileprivate var name: String { (self["name"] ?? self["Name"])?.stringValue ?? "" }
}
