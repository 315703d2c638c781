import Model
import Testing

@Suite struct PlanTests {
    @Test func itReadsAsOneText() throws {
        let slot = Slot(service: "web", number: 1)
        let web = ContainerRef(slot: slot, id: "1", name: "web-1")
        var plan = Plan(stack: try StackID(parsing: "astro"), commit: "0123456789")
        #expect(plan.description == "plan astro/astro at 01234567: nothing to do")
        plan.steps = [Step(id: 1, operation: .stop(web, grace: nil), after: [], reason: .surplus)]
        #expect(
            plan.description
                == "plan astro/astro at 01234567: 1 step\n"
                + "   1  stop web-1, because the service has fewer replicas now"
        )
        plan.steps.append(Step(id: 2, operation: .remove(web), after: [1], reason: .surplus))
        plan.pending = ["something"]
        #expect(plan.description.hasSuffix("(after 1)\n  pending: something"))
        #expect(plan.digest.count == 64)
    }

    /// What waits only proves; it changes nothing.
    @Test func waitsChangeNothing() throws {
        let slot = Slot(service: "web", number: 1)
        let web = ContainerRef(slot: slot, id: "1", name: "web-1")
        let wait = Step(id: 1, operation: .wait(web, .stable), after: [], reason: .mustProve)
        var plan = Plan(stack: try StackID(parsing: "astro"), commit: nil, steps: [wait])
        #expect(!plan.changesAnything)
        #expect(!plan.isEmpty)
        plan.steps.append(Step(id: 2, operation: .start(web), after: [1], reason: .missing))
        #expect(plan.changesAnything)
    }

    @Test func anOutcomeIsASuccessWhenAllIsDone() throws {
        let slot = Slot(service: "web", number: 1)
        let web = ContainerRef(slot: slot, id: "1", name: "web-1")
        let steps = [1, 2].map {
            Step(id: $0, operation: .start(web), after: [], reason: .missing)
        }
        let plan = Plan(stack: try StackID(parsing: "astro"), commit: nil, steps: steps)
        let failure = StepFailure(.transient, "away")
        #expect(Outcome(plan: plan, results: [1: .done, 2: .done]).isSuccess)
        #expect(!Outcome(plan: plan, results: [1: .done]).isSuccess)
        let failed = Outcome(plan: plan, results: [1: .done, 2: .failed(failure)])
        #expect(!failed.isSuccess)
        #expect(failed.failures.map(\.step.id) == [2])
        #expect(failed.failures.map(\.failure) == [failure])
    }

    @Test func spansAndSizesReadWell() {
        #expect(Nanoseconds.seconds(90).description == "90 s")
        #expect(Nanoseconds.milliseconds(250).description == "250 ms")
        #expect(Nanoseconds(1).description == "1 ns")
        #expect(ByteCount.mebibytes(512).description == "512 MiB")
        #expect(ByteCount.gibibytes(2).description == "2 GiB")
        #expect(ByteCount(1000).description == "1000 B")
        #expect(ByteCount(0).description == "0 B")
    }
}
