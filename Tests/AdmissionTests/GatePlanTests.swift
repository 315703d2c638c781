import Admission
import Model
import Planning
import TestSupport
import Testing

/// The gate lets pass what plans of admitted stacks really send: a gate that refuses honest
/// requests fails as surely as one that leaks.
@Suite struct GatePlanTests {
    @Test(arguments: 0..<60)
    func letsEveryRequestOfGeneratedPlansPass(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        var rehearsal = Rehearsal(seed: seed)
        var stack = generator.stack()
        var count = 0
        for round in 0..<4 {
            try rehearsal.deploy(stack, commit: "\(round)") { rehearsal, step, _ in
                var rehearsal = rehearsal
                // It was when the step began.
                if case .removeContent(let volume) = step.operation {
                    rehearsal.owned.insert(volume.name)
                }
                guard let request = request(of: step, rehearsal) else { return }
                let refusal = refusal(of: request, stack, rehearsal)
                #expect(refusal == nil, "\(step)")
                count += 1
            }
            stack = generator.edited(stack)
        }
        #expect(count > 0 || stack.services.values.allSatisfy { $0.replicas == 0 })
    }

    private static let emptyImage = ImagePin(
        reference: EmptyImage.reference,
        imageID: "sha256:0",
        digest: nil
    )

    private func refusal(
        of request: EngineRequest,
        _ stack: Stack,
        _ rehearsal: Rehearsal
    ) -> GateRefusal? {
        let gate = Gate(
            StackGenerator.tenant,
            controller: Rehearsal.controller,
            stack: stack.id,
            owned: rehearsal.owned,
            pins: Array(rehearsal.pins.values),
            claims: ["claim"],
            contents: GateContents(
                stack.contents(controller: Rehearsal.controller),
                emptyImage: Self.emptyImage.imageID
            )
        )
        do {
            _ = try gate.check(request)
            return nil
        } catch {
            return error
        }
    }

    private func request(of step: Step, _ rehearsal: Rehearsal) -> EngineRequest? {
        var context = StepContext(claim: "claim", controller: Rehearsal.controller)
        switch step.operation {
        case .createContainer(let spec):
            context.pin = rehearsal.pins.values.first { $0.reference == spec.image }
        case .connect(let container, _), .disconnect(let container, _), .start(let container),
            .unpause(let container), .stop(let container, _), .restart(let container, _),
            .update(let container, _), .rename(let container, _), .remove(let container):
            // Any container of the stack will do where this one exists only since the plan.
            context.container = container.id ?? rehearsal.owned.first { $0.utf8.count == 64 }
        case .createCarrier: context.pin = Self.emptyImage
        case .ship(let shipment):
            context.container = rehearsal.owned.first { $0.utf8.count == 64 }
            guard case .tree(let path) = shipment.content.source else { break }
            context.archive = StackGenerator.archive(of: path)?.bytes
        default: break
        }
        return EngineRequest(step.operation, in: context)
    }
}
