import Admission
import Model
import Planning
import TestSupport
import Testing

/// What plans do so that links on the way to what is bound are found.
@Suite struct LookPlanTests {
    private static func stack(_ paths: [String], image: String = "httpd:2.4") throws -> Stack {
        var web = Service(image: image)
        web.volumes = paths.enumerated().map { index, path in
            Mount(source: .bind(path: path), target: "/data\(index)")
        }
        web.restart = .always
        return try Gateway.stack(["web": web])
    }

    private func looks(_ plan: Plan) -> [String] {
        plan.steps.flatMap { step -> [String] in
            guard case .createCarrier(let carrier) = step.operation else { return [] }
            return carrier.looks.flatMap(\.paths).map { $0.start(.max) }
        }
    }

    @Test func whatIsBoundBelowAGrantIsLookedAt() throws {
        let stack = try Self.stack(["/srv/astro/a/b", "/srv/astro"])
        let plan = try Rehearsal().plan(stack, commit: Gateway.commit)
        #expect(looks(plan) == ["/srv/astro/a/b"])
        expectSnapshot(plan.description, named: "look-first")
        var rehearsal = try Gateway.running(stack)
        #expect(rehearsal.offences == [])
        #expect(try rehearsal.plan(stack, commit: Gateway.commit).isEmpty)
        rehearsal.node.befall(.killed, "astro_gateway-web-1")
        expectSnapshot(
            try rehearsal.plan(stack, commit: Gateway.commit).description,
            named: "look-again"
        )
    }

    @Test(arguments: ["/srv/astro", "/srv/astro/", "/srv/./astro"])
    func theGrantedPathItselfIsNot(path: String) throws {
        let plan = try Rehearsal().plan(try Self.stack([path]), commit: Gateway.commit)
        #expect(!plan.isEmpty && looks(plan).isEmpty)
        #expect(!plan.description.contains("carrier"))
    }

    /// Two paths that people call the same are two to the kernel.
    @Test func pathsAreToldApartByTheirBytes() throws {
        let paths = ["/srv/astro/\u{E9}", "/srv/astro/e\u{301}", "/srv/astro/\u{E9}"]
        let plan = try Rehearsal().plan(try Self.stack(paths), commit: Gateway.commit)
        #expect(Set(looks(plan).map { Array($0.utf8) }).count == 2 && looks(plan).count == 2)
    }

    /// Two grants whose names are one text have two places in the carrier.
    @Test func grantedPathsAreToldApartByTheirBytes() throws {
        let roots = ["/srv/\u{E9}", "/srv/e\u{301}"]
        let look = Look(
            container: ContainerRef(slot: Slot(service: "web", number: 1), id: nil, name: ""),
            paths: roots.map { GrantedPath(root: $0, components: ["a"]) }
        )
        let carrier = CarrierSpec(
            stack: try Gateway.stack().id,
            name: "",
            volumes: [],
            labels: [:],
            looks: [look]
        )
        #expect(Set(roots.compactMap(carrier.place)).count == 2)
    }

    @Test func whatIsOnlyStartedAgainIsLookedAtToo() throws {
        let stack = try Self.stack(["/srv/astro/a"])
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.befall(.killed, "astro_gateway-web-1")
        let seen = rehearsal.node.observation
        var plan = Plan(startingAgain: stack.id, observed: seen)
        plan.lookFirst(
            Plan.Surroundings(
                seen,
                owned: rehearsal.owned,
                controller: Rehearsal.controller,
                grants: StackGenerator.tenant.grants
            )
        )
        #expect(looks(plan) == ["/srv/astro/a"])
        expectSuccess(rehearsal.perform(plan))
        #expect(rehearsal.offences == [])
        #expect(rehearsal.node.containers.values.contains { $0.isRunning })
        #expect(!rehearsal.node.containers.values.contains { $0.seen.isCarrier })
    }

    /// A withdrawn grant says nothing of what is on the way, and what runs runs on.
    @Test func whereNothingIsGrantedNothingIsLookedAt() throws {
        let stack = try Self.stack(["/srv/astro/a"])
        var rehearsal = try Gateway.running(stack)
        rehearsal.node.befall(.killed, "astro_gateway-web-1")
        var input = rehearsal.input(try rehearsal.desired(stack, commit: Gateway.commit))
        input.grants = Grants()
        #expect(Plan(from: input).steps.count == 2)
    }

    /// What a run that was cut off left behind has the name that the next carrier needs.
    @Test func aCarrierThatWasLeftGoesFirst() throws {
        let stack = try Self.stack(["/srv/astro/a"])
        var rehearsal = Rehearsal()
        var carriers: [Rehearsal] = []
        try rehearsal.deploy(stack, commit: Gateway.commit) { now, _, _ in
            let isThere = now.node.containers.values.contains { $0.seen.isCarrier }
            if isThere { carriers.append(now) }
        }
        #expect(carriers.count > 2)
        for moment in carriers {
            var again = moment
            expectSuccess(try again.deploy(stack, commit: Gateway.commit))
            #expect(again.offences == [])
            #expect(!again.node.containers.values.contains { $0.seen.isCarrier })
        }
    }
}
