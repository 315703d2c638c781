internal import Admission
internal import Model
internal import Planning

extension Rehearsal {
    /// One performance of a plan.
    struct Run {
        let plan: Plan
        /// By service.
        let specs: [String: String]
        /// Ids of the containers that it created.
        var created: [Slot: String] = [:]
        var done: Set<Step.ID> = []
    }

    mutating func perform(_ step: Step, _ run: inout Run) -> StepResult {
        guard let operation = joining(step.operation, run) else {
            return .failed(StepFailure(.permanent, "what it joins was never created"))
        }
        let reference = step.operation.container
        let id = reference.flatMap { $0.id ?? run.created[$0.slot] }
        if case .wait(_, let condition) = step.operation {
            return wait(for: id, condition)
        }
        examine(step, on: id, run)
        do throws(SimulatedNode.Refusal) {
            let made = try node.call(operation, on: id, pin: pin(for: operation, run))
            remember(step.operation, made, &run)
            checkSlots(of: run.plan.stack, after: step)
            return .done
        } catch {
            offences.append("step \(step) was refused: \(error)")
            return .failed(StepFailure(.permanent, error.description))
        }
    }

    /// With the ids of the containers that a new one is to live in, as its request has them.
    private func joining(_ operation: Operation, _ run: Run) -> Operation? {
        guard case .createContainer(var spec) = operation, !spec.joins.isEmpty else {
            return operation
        }
        let ids = spec.joins.compactMapValues { $0.id ?? run.created[$0.slot] }
        let context = StepContext(controller: Rehearsal.controller, joined: ids)
        guard let request = EngineRequest(operation, in: context), let bytes = request.body,
            let body = try? JSON(parsing: bytes)
        else { return nil }
        spec.body = body
        return .createContainer(spec)
    }

    private func pin(for operation: Operation, _ run: Run) -> ImagePin? {
        guard case .createContainer(let spec) = operation else { return nil }
        let key = PinKey(stack: run.plan.stack, service: spec.slot.service, spec: spec.spec)
        return spec.pin ?? pins[key]
    }

    /// What the journal learns from a step.
    private mutating func remember(_ operation: Operation, _ made: String?, _ run: inout Run) {
        if let made { owned.insert(made) }
        switch operation {
        case .createContainer(let spec): run.created[spec.slot] = made
        case .createCarrier(let carrier): run.created[carrier.container.slot] = made
        case .createVolume(let spec):
            owned.insert(spec.name)
            if ContentVolume(name: spec.name) == nil { volumesSeen.insert(spec.name) }
        case .removeContent(let volume): owned.remove(volume.name)
        case .pullImage(let pull):
            for service in pull.services {
                guard let spec = run.specs[service] else { continue }
                let key = PinKey(stack: run.plan.stack, service: service, spec: spec)
                pins[key] = pins[key] ?? SimulatedNode.pin(pull.reference)
            }
        default: break
        }
    }

    /// Looks once a second until the container is judged.
    private mutating func wait(
        for id: String?,
        _ condition: WaitCondition
    ) -> StepResult {
        var judgement = Judgement(condition, window: .init(), began: node.time)
        while true {
            let seen = id.flatMap { node.containers[$0]?.seen }
            switch judgement.see(seen, at: node.time, engineTime: node.clock) {
            case .waiting: node.pass(seconds: 1)
            case .failed(let why): return .failed(StepFailure(.verdict, why))
            case .met: return .done
            }
        }
    }
}
