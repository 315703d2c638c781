import Admission
import Model
import TestSupport
import Testing

@testable import Planning

/// What services of a Swarm hold of what stacks share.
@Suite struct SwarmLedgerTests {
    private func web(_ image: String = "httpd:1") -> Service {
        var web = Service.ofSwarm(image)
        web.replicas = 3
        web.ports = [PortMapping(published: 8080, target: 80)]
        web.resources.memory = .gibibytes(1)
        web.resources.nanoCPUs = 500_000_000
        web.resources.pids = 10
        return web
    }

    /// Law: where nobody else has anything, a Swarm has room for each stack.
    @Test(arguments: 0..<100)
    func aStackAloneIsNotRefused(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        let swarm = SimulatedSwarm()
        var stack = generator.stack()
        for _ in 0..<3 {
            stack.isForSwarm = true
            for name in stack.services.keys {
                stack.services[name]?.replicas = Int.random(in: 0...3, using: &generator.random)
            }
            let needed = Reservation(of: try swarm.desired(stack))
            let question = LedgerQuestion(
                stack,
                needs: needed,
                wants: needed,
                in: Ledger(),
                under: Quota()
            )
            #expect(question.objections == [])
            let published = stack.services.values.flatMap(\.ports).filter { $0.published != nil }
            #expect(needed.ports.count == published.count)
            stack = generator.edited(stack)
        }
    }

    /// What one file asks for by itself, as `policy check` judges it.
    @Test func aFileAsksForEachPortOnce() throws {
        var stack = try Stack.ofSwarm(["web": web()])
        stack.services["web"]?.ports.append(PortMapping(published: 8081, target: 81))
        #expect(Usage(of: stack).ports == 2 && Usage(of: stack).containers == 3)
        stack.isForSwarm = false
        #expect(Usage(of: stack).ports == 6)
    }
}
