import Model
import Planning
import TestSupport
import Testing

/// What plans do about files of the commit.
@Suite struct ContentPlanTests {
    private static func content(
        _ name: String,
        _ text: String,
        _ kind: Content.Kind = .file
    ) -> Mount {
        let content = Content(
            source: .tree(path: name),
            kind: kind,
            digest: SHA256Hex.of(text),
            name: "./" + name
        )
        return Mount(source: .content(content), target: "/" + name, readOnly: true)
    }

    private static func stack(_ page: String) throws -> Stack {
        var web = Service(image: "httpd:2.4")
        web.volumes = [content("httpd.conf", "conf"), content("site", page, .folder)]
        var other = Service(image: "httpd:2.4")
        other.volumes = [content("httpd.conf", "conf")]
        return try Gateway.stack(["web": web, "other": other])
    }

    private func plan(_ rehearsal: Rehearsal, _ stack: Stack) throws -> Plan {
        try rehearsal.plan(stack, commit: Gateway.commit)
    }

    @Test func theyAreShippedBeforeTheFirstContainer() throws {
        let plan = try plan(Rehearsal(), Self.stack("1"))
        expectSnapshot(plan.description, named: "content-first")
    }

    /// The service that mounts what changed is made anew, no other; what none mounts is removed
    /// when the last container that did has gone.
    @Test func aChangeRemakesTheServicesThatMountIt() throws {
        let rehearsal = try Gateway.running(try Self.stack("1"))
        expectSnapshot(try plan(rehearsal, Self.stack("2")).description, named: "content-changed")
    }

    @Test func whatIsThereIsNotShippedAgain() throws {
        var stack = try Self.stack("1")
        let rehearsal = try Gateway.running(stack)
        #expect(try plan(rehearsal, stack).isEmpty)
        stack.services["web"]?.replicas = 2
        let more = try plan(rehearsal, stack)
        #expect(!more.isEmpty)
        #expect(!more.steps.contains { if case .ship = $0.operation { true } else { false } })
    }

    /// Half a content is never mounted: what no container mounts is shipped again.
    @Test func whatNobodyMountsIsShippedAgain() throws {
        let stack = try Self.stack("1")
        var rehearsal = try Gateway.running(stack)
        for (id, container) in rehearsal.node.containers where container.seen.slot?.service == "web"
        {
            rehearsal.node.containers[id] = nil
        }
        let shipped = try plan(rehearsal, stack).steps.compactMap { step -> String? in
            if case .ship(let shipment) = step.operation { shipment.content.name } else { nil }
        }
        #expect(shipped == ["./site"])
    }

    /// A stack's contents go with it; its data stays.
    @Test func theyGoWithTheStack() throws {
        var stack = try Self.stack("1")
        stack.services["web"]?.volumes.append(Mount(source: .volume(key: "data"), target: "/data"))
        stack = StackGenerator.coherent(stack)
        var rehearsal = try Gateway.running(stack)
        let plan = Plan(
            removing: stack.id,
            observed: rehearsal.node.observation,
            owned: rehearsal.owned
        )
        expectSuccess(rehearsal.perform(plan))
        #expect(rehearsal.node.volumes.keys.sorted() == ["astro_gateway_data"])
        #expect(rehearsal.offences == [])
    }

    @Test func aContentIsPartOfTheSpec() throws {
        let hashes = try ["1", "2"].map { SpecHash.all(of: try Self.stack($0)) }
        #expect(hashes[0]["web"] != hashes[1]["web"])
        #expect(hashes[0]["other"] == hashes[1]["other"])
    }

    // MARK: Secrets

    private static func secret(_ text: String, key: String) throws -> Stack {
        let content = Content(
            source: .text,
            kind: .file,
            digest: SHA256Hex.of(key + text),
            name: "secret password",
            attributes: .init(),
            isSecret: true
        )
        var web = Service(image: "httpd:2.4")
        web.volumes = [Mount(source: .content(content), target: "/run/secrets/p", readOnly: true)]
        var stack = try Gateway.stack(["web": web, "other": Service(image: "httpd:2.4")])
        stack.secretsKey = key
        return stack
    }

    @Test func aChangedSecretRemakesItsServiceAndIsNamed() throws {
        let rehearsal = try Gateway.running(try Self.secret("1", key: "k"))
        let changed = try Self.secret("2", key: "k")
        #expect(SpecHash.all(of: changed) == SpecHash.all(of: try Self.secret("1", key: "k")))
        let plan = try plan(rehearsal, changed)
        let made = plan.steps.filter {
            if case .createContainer = $0.operation { true } else { false }
        }
        #expect(made.map(\.reason.description) == ["secret password changed"])
        var done = rehearsal
        expectSuccess(try done.deploy(changed, commit: "2"))
        #expect(try self.plan(done, changed).isEmpty)
        #expect(done.offences == [])
    }

    /// Law 9: another key, the same secret or not, re-creates nothing, and the plan says so.
    @Test(arguments: ["1", "2"])
    func aLostKeyRemakesNothing(text: String) throws {
        let rehearsal = try Gateway.running(try Self.secret("1", key: "k"))
        let plan = try plan(rehearsal, Self.secret(text, key: "other"))
        #expect(!plan.changesAnything, "\(plan)")
        #expect(plan.pending.contains { $0.contains("can't be told") })
    }

    /// What a label, a plan or a name shows is no digest of the secret alone.
    @Test func theVersionKnowsOfSecrets() throws {
        let rehearsal = Rehearsal()
        let versions = try ["1", "2"].map {
            try rehearsal.desired(try Self.secret($0, key: "k"), commit: "c").version.digest
        }
        #expect(versions[0] != versions[1])
    }
}
