import Admission
import ComposeFile
import Foundation
import Model
import Planning
import Testing

/// What Swarms told of what `docker stack deploy` sent them, against what is read in the files.
///
/// `Tests/Fixtures/DockerStack` has the files, and the answers of engines of 20.10 and 26.1 to
/// Docker's client of 28.2, with `TAG` in the shell.
@Suite struct DockerStackFormTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/DockerStack").standardizedFileURL

    private func told(_ release: String) throws -> (services: [JSON], networks: [NamedObject]) {
        let data = try Data(contentsOf: Self.folder.appending(path: "swarm-\(release).json"))
        let told = try JSON(parsing: data)
        let networks = (told["networks"]?.objectValue ?? [:]).map { id, name in
            NamedObject(kind: .network, id: id, name: name.stringValue ?? "")
        }
        return (told["services"]?.arrayValue ?? [], networks)
    }

    private func adoption(
        _ services: [JSON],
        _ networks: [NamedObject],
        _ edit: (String) -> String = { $0 }
    ) throws -> Adoption {
        let entries = try [".env", "compose.yaml", "web.env"].map { name in
            let bytes = try Data(contentsOf: Self.folder.appending(path: name))
            let text = String(decoding: bytes, as: UTF8.self)
            return (name, Snapshot.Entry.file(Array(edit(text).utf8)))
        }
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let id = try StackID(parsing: "shop")
        let reading = try StackReading(
            answering: LoadRequest(
                Snapshot(commit: commit, entries: Dictionary(uniqueKeysWithValues: entries)),
                at: "",
                id: id,
                isForSwarm: true,
                adoptedName: "oldshop"
            )
        )
        #expect(reading.errors.isEmpty, "\(reading.errors)")
        var tenant = TenantPolicy(profile: .privileged)
        tenant.adopted = [id.stack: "oldshop"]
        let desired = Desired(
            admitted: try Policy(tenant).admit(reading),
            commit: "",
            pins: [:]
        )
        let found = services.map { spec in
            ObservedService(
                id: spec["Name"]?.stringValue ?? "",
                version: 1,
                name: spec["Name"]?.stringValue ?? "",
                spec: spec
            )
        }
        return Adoption(
            ofDockerStack: "oldshop",
            Observation(
                time: Instant(milliseconds: 0),
                networks: networks.filter { $0.name.hasPrefix("oldshop_") }.map {
                    ObservedNetwork(id: $0.id, name: $0.name)
                },
                swarm: ObservedSwarm(services: found)
            ),
            by: desired,
            reading.dockerStack,
            beside: Observation(time: Instant(milliseconds: 0)),
            among: networks,
            isEncrypted: true,
            on: "main",
            controller: "test",
            claim: { "token" }
        )
    }

    @Test(arguments: ["20.10", "26.1"])
    func whatDockerSentIsFoundAgain(release: String) throws {
        let (services, networks) = try told(release)
        let adoption = try adoption(services, networks)
        let none = "whose image has no digest, so that nodes may differ in it"
        #expect(
            adoption.notes == [
                "takes over service oldshop_each, unchanged",
                "takes over service oldshop_keep, unchanged",
                "takes over service oldshop_none, \(none)",
                "takes over service oldshop_web, unchanged",
                "takes over network oldshop_back", "takes over network oldshop_default",
                "network oldshop_back stays as it was made: not encrypted",
                "network oldshop_default stays as it was made: not encrypted",
                "keeps volume oldshop_data where it is, with its data",
            ]
        )
        #expect(adoption.images.keys.sorted() == ["each", "keep", "web"])
        #expect(adoption.images["web"]?.hasPrefix("web:1.0@sha256:") == true)
        #expect(adoption.objects.count { $0.kind == .service && $0.claim == "token" } == 4)
    }

    /// Each is a line of the file, or of one beside it, and the field that tells of it.
    @Test(
        arguments: [
            ("TAG=1.0", "TAG=1.1", "Env, TaskTemplate.ContainerSpec.Image"),
            ("V=1", "V=2", "Env"), ("hostname: h", "hostname: g", "Hostname"),
            ("init: false", "init: true", "Init"),
            ("read_only: true", "read_only: false", "ReadOnly"),
            ("1000:1000", "1000:1001", "User"), ("/tmp\n", "/\n", "Dir"),
            ("nocopy: true", "nocopy: false", "Mounts"),
            ("size: 1000000", "size: 1000001", "Mounts"),
            ("kind: data", "kind: dates", "Mounts"),
            ("source: /home/fred", "source: /home", "Mounts"),
            ("{team: shop}", "{team: bank}", "Labels"),
            ("retries: 3", "retries: 4", "Healthcheck.Retries"),
            ("[KILL]", "[CHOWN]", "CapabilityDrop"), ("start: \"0\"", "start: \"1\"", "Sysctls"),
            ("soft: 10,", "soft: 11,", "Ulimits"),
            ("2s\n    extra", "3s\n    extra", "StopGracePeriod"),
        ]
    )
    func whatDiffersIsNamed(from: String, to: String, field: String) throws {
        let (services, networks) = try told("26.1")
        let edited = try adoption(services, networks) { $0.replacing(from, with: to) }
        let note = edited.notes.first { $0.hasPrefix("takes over service oldshop_web") }
        let says = "which isn't what the file says: TaskTemplate.ContainerSpec.\(field)"
        #expect(note == "takes over service oldshop_web, \(says)")
        #expect(edited.images["web"] == nil)
        #expect(edited.notes.contains("takes over service oldshop_keep, unchanged"))
    }

    /// The same beside the container.
    @Test(
        arguments: [
            ("published: 31401", "published: 31402", "EndpointSpec.Ports"),
            ("{tier: front}", "{tier: back}", "Labels"),
            ("memory: 64M", "memory: 65M", "TaskTemplate.Resources.Limits.MemoryBytes"),
            ("window: 10s", "window: 9s", "TaskTemplate.RestartPolicy.Window"),
            ("order: start-first", "order: stop-first", "UpdateConfig.Order"),
            ("parallelism: 0", "parallelism: 1", "RollbackConfig.Parallelism"),
            ("node.labels.rack", "node.labels.row", "TaskTemplate.Placement.Preferences"),
            (", shared: {}}", "}", "TaskTemplate.Networks"),
            ("zz, aa", "zz, bb", "TaskTemplate.Networks"),
            ("max-size: 10m", "max-size: 11m", "TaskTemplate.LogDriver.Options"),
        ]
    )
    func whatDiffersBesideTheContainerIsNamed(from: String, to: String, field: String) throws {
        let (services, networks) = try told("20.10")
        let edited = try adoption(services, networks) { $0.replacing(from, with: to) }
        let note = edited.notes.first { $0.hasPrefix("takes over service oldshop_web") }
        #expect(note == "takes over service oldshop_web, which isn't what the file says: \(field)")
    }

    @Test func aFileThatDockerStackRefusesIsComparedWithNothing() throws {
        let (services, networks) = try told("26.1")
        let edited = try adoption(services, networks) {
            $0.replacing(
                "    hostname: h",
                with: "    depends_on: {keep: {condition: service_started}}"
            )
        }
        let note = edited.notes.first { $0.hasPrefix("takes over service oldshop_web") }
        #expect(note?.contains("docker stack would not make") == true, "\(edited.notes)")
    }
}
