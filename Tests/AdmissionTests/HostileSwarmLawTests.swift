import Admission
import ComposeFile
import Model
import Testing

/// The hostile files of ``HostileFileLawTests``, loaded as for a Swarm: neither check lets them
/// pass, and the second one not either where the first is switched off.
@Suite struct HostileSwarmLawTests {
    /// Every rule is only told.
    private static let lenient = makeLenient()

    private static func makeLenient() -> Policy {
        var tenant = Astro.tenant
        tenant.audited = Set(Rule.all.map(\.id))
        return Policy(tenant)
    }

    /// Rules about what no body has, whatever policy says: names of capabilities that there are
    /// none of, images that nobody can ask a registry for, labels that Gyre sets over the file's.
    private static let dropped: Set = ["capability-known", "image-reference", "label-reserved"]

    @Test(arguments: 0..<HostileTable.shards)
    func neitherCheckLetsItPass(shard: Int) throws {
        var reached = 0
        for (attribute, files) in try HostileTable().draws(of: shard) {
            let snapshot = Snapshot(ofTenant: files.entries)
            let what = "\(attribute.row), \(files.used):\n\(files.description)"
            let (reading, codes) = refused(snapshot, files.chosen, what: what)
            // What never runs is in no body.
            guard let reading, !files.used.contains(.dormant), !codes.isSubset(of: Self.dropped),
                let admitted = try? Self.lenient.admit(reading)
            else { continue }
            reached += 1
            let bodies = try SwarmBodies(admitted, of: snapshot)
            #expect(!bodies.refusals(by: Astro.tenant).isEmpty, "\(what)\(bodies)")
        }
        #expect(reached > 10, "the gate was asked \(reached) times")
    }

    @Test func noTreeBringsIt() {
        for tree in HostileTrees.all {
            _ = refused(Snapshot(ofTenant: tree.entries), what: "\(tree.row): \(tree.entries)")
        }
    }

    /// What is honest passes both checks, and every kind of call is among what is sent.
    @Test func whatIsHarmlessPassesBoth() throws {
        var sent: Set<EngineRequest.Action> = []
        for seed in 0..<100 {
            let files = HostileFiles.harmless(seed: seed)
            try expectPassing(files.entries, files.chosen, &sent)
        }
        let compose = """
            services:
              web:
                image: nginx:1.27-alpine
                user: "41000:5000"
                volumes: [/global/astro:/d, data:/v, {type: tmpfs, target: /t, tmpfs: {size: 1m}}]
                configs: [text, {source: file, target: /etc/x, mode: 0440}, kept]
                secrets: [token, {source: key, target: tls.key, uid: "7"}]
                networks: {back: {aliases: [www]}, lan: {}}
                ports: [{target: 80, published: "30080", mode: host}]
                environment: {A: "{{.Task.Slot}}"}
                deploy: {replicas: 2, placement: {constraints: [node.labels.a==b]}}
            volumes: {data: {labels: {a: b}}}
            networks:
              back: {internal: true, labels: {a: b}}
              lan: {external: true, name: astro_lan}
            configs: {text: {content: x}, file: {file: f}, kept: {external: true, name: astro_kept}}
            secrets: {token: {file: f}, key: {external: true, name: astro_key}}
            """
        let entries = ["compose.yaml": compose, "f": "x"].mapValues { text in
            Snapshot.Entry.file(Array(text.utf8))
        }
        try expectPassing(entries, ChosenFiles(), &sent)
        #expect(
            sent == [.createNetwork, .createConfig, .createSecret, .createService, .updateService]
        )
    }

    private func expectPassing(
        _ entries: [String: Snapshot.Entry],
        _ chosen: ChosenFiles,
        _ sent: inout Set<EngineRequest.Action>
    ) throws {
        let snapshot = Snapshot(ofTenant: entries)
        let reading = try read(snapshot, chosen)
        let bodies = try SwarmBodies(Astro.policy.admit(reading), of: snapshot)
        sent.formUnion(bodies.requests.map(\.action))
        #expect(bodies.refusals(by: Astro.tenant) == [], "\(entries)")
    }

    /// Sees that the first check refuses the files, each finding with its place; gives what could
    /// be read of them, and what they are refused for.
    private func refused(
        _ snapshot: Snapshot,
        _ chosen: ChosenFiles = ChosenFiles(),
        what: String
    ) -> (StackReading?, codes: Set<String>) {
        var found: StackReading?
        do {
            let reading = try read(snapshot, chosen)
            found = reading
            _ = try Astro.policy.admit(reading)
            Issue.record("it passes: \(what)")
        } catch {
            let errors = error.diagnostics.filter { $0.severity == .error }
            #expect(!errors.isEmpty && errors.allSatisfy { $0.location != nil }, "\(what)\(errors)")
            return (found, Set(errors.map(\.code)))
        }
        return (found, [])
    }

    private func read(
        _ snapshot: Snapshot,
        _ chosen: ChosenFiles
    ) throws(Rejection) -> StackReading {
        try StackReading(of: snapshot, at: "", id: Astro.id, chosen: chosen, isForSwarm: true)
    }
}
