import Model
import Planning
import TestSupport
import Testing

/// Containers that live in namespaces of another one: created after it, and with it again.
@Suite struct JoiningTests {
    private static func stack(
        web image: String = "httpd:2.4",
        side: String = "redis:7",
        _ edit: (inout Service) -> Void = { _ in }
    ) throws -> Stack {
        var web = Service(image: image)
        web.restart = .unlessStopped
        web.privileges.namespaces["ipc"] = "shareable"
        var other = Service(image: side)
        other.restart = .unlessStopped
        // As the loader has it, which makes a dependency of it.
        other.dependsOn = ["web": .init(condition: .started, restart: true)]
        other.privileges.namespaces = [
            "network_mode": "service:web", "pid": "service:web", "ipc": "service:web",
        ]
        edit(&other)
        return try Gateway.stack(["web": web, "side": other])
    }

    private func ids(_ rehearsal: Rehearsal) throws -> (web: String, side: String) {
        let names = ["web", "side"].map { "astro_gateway-\($0)-1" }
        let ids = try names.map { try #require(rehearsal.node.id(named: $0)) }
        return (ids[0], ids[1])
    }

    private func hosts(of id: String, _ rehearsal: Rehearsal) -> Set<String> {
        let container = rehearsal.node.containers[id]?.seen
        return Set(Joined.reading(container?.labels[Labels.joins]).map(\.id))
    }

    @Test func itIsCreatedAfterTheOtherAndWithItsID() throws {
        let stack = try Self.stack()
        let rehearsal = try Gateway.running(stack)
        let (web, side) = try ids(rehearsal)
        #expect(hosts(of: side, rehearsal) == [web])
        try expectSettled(rehearsal, stack, commit: Gateway.commit)
        let fresh = try Rehearsal().plan(stack, commit: Gateway.commit)
        let creations = fresh.steps.filter {
            $0.operation.description.hasPrefix("create container")
        }
        #expect(
            creations.map(\.operation.description).last == "create container astro_gateway-side-1"
        )
        #expect(creations.last?.after.contains(creations[0].id) == true)
    }

    @Test func itIsReplacedWithTheOther() throws {
        var rehearsal = try Gateway.running(try Self.stack())
        let before = try ids(rehearsal)
        let changed = try Self.stack(web: "httpd:2.5")
        expectSuccess(try rehearsal.deploy(changed, commit: "2"))
        let after = try ids(rehearsal)
        #expect(before.web != after.web && before.side != after.side)
        #expect(hosts(of: after.side, rehearsal) == [after.web])
        try expectSettled(rehearsal, changed, commit: "2")
    }

    @Test func theOtherStaysWhenItIsReplaced() throws {
        var rehearsal = try Gateway.running(try Self.stack())
        let before = try ids(rehearsal)
        let changed = try Self.stack(side: "redis:8")
        expectSuccess(try rehearsal.deploy(changed, commit: "2"))
        let after = try ids(rehearsal)
        #expect(before.web == after.web && before.side != after.side)
        try expectSettled(rehearsal, changed, commit: "2")
    }

    /// Somebody removed the other: what it was a home for is made anew.
    @Test func itIsMadeAnewWhenTheOtherWasRemoved() throws {
        let stack = try Self.stack()
        var rehearsal = try Gateway.running(stack)
        let before = try ids(rehearsal)
        rehearsal.node.containers[before.web] = nil
        let outcome = try rehearsal.deploy(stack, commit: Gateway.commit)
        expectSuccess(outcome)
        let after = try ids(rehearsal)
        #expect(before.side != after.side && hosts(of: after.side, rehearsal) == [after.web])
        #expect(outcome.plan.steps.contains { $0.reason == .staleNamespace(service: "web") })
        try expectSettled(rehearsal, stack, commit: Gateway.commit)
    }

    /// A container that is started again has new namespaces; the other is still in the old ones.
    @Test(arguments: [false, true])
    func itIsRestartedWhenTheOtherWasStartedAgain(byTheEngine: Bool) throws {
        let stack = try Self.stack { $0.dependsOn["web"]?.restart = false }
        var rehearsal = try Gateway.running(stack)
        let before = try ids(rehearsal)
        rehearsal.node.pass(seconds: 60)
        if byTheEngine {
            rehearsal.node.containers[before.web]?.seen.details?.started = rehearsal.node.time
        } else {
            rehearsal.node.containers[before.web]?.seen.state = .exited
            rehearsal.node.containers[before.web]?.seen.exitCode = 137
        }
        let outcome = try rehearsal.deploy(stack, commit: Gateway.commit)
        expectSuccess(outcome)
        #expect(outcome.plan.steps.contains { $0.reason == .dependencyReplaced("web") })
        #expect(try ids(rehearsal) == before)
        try expectSettled(rehearsal, stack, commit: Gateway.commit)
    }

    /// Law 6: the one that failed leaves the one from before to be started again; what was good by
    /// itself, and replaced, comes back to it.
    @Test func bothComeBackWhenTheNewOtherFails() throws {
        let stack = try Self.stack()
        var rehearsal = try Gateway.running(stack)
        let before = try ids(rehearsal)
        rehearsal.node.behaviours[SimulatedNode.pin("httpd:sick").imageID] = .sickens
        let sick = try Self.stack(web: "httpd:sick")
        #expect(!(try rehearsal.deploy(sick, commit: "2").isSuccess))
        expectSuccess(try rehearsal.deploy(stack, commit: Gateway.commit))
        let after = try ids(rehearsal)
        #expect(after.web == before.web && hosts(of: after.side, rehearsal) == [before.web])
        try expectSettled(rehearsal, stack, commit: Gateway.commit)
    }

    /// Law 9: a container of before Gyre wrote such labels stays what it is.
    @Test func oneWithoutTheLabelStays() throws {
        let stack = try Self.stack()
        var rehearsal = try Gateway.running(stack)
        let (_, side) = try ids(rehearsal)
        rehearsal.node.containers[side]?.seen.labels[Labels.joins] = nil
        #expect(try rehearsal.plan(stack, commit: Gateway.commit).isEmpty)
    }
}
