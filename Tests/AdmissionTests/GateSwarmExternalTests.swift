import Admission
import Model
import Testing

/// What the gate says of services that name what somebody else keeps in a Swarm.
@Suite struct GateSwarmExternalTests {
    private typealias Fixture = GateSwarmFixture

    private static func id(_ letter: Character) -> String {
        String(letter) + String(repeating: "2", count: 24)
    }

    /// All of them were found, and the stack's files name them; whether it may is another question.
    private static let gate: Gate = {
        var found = ExternalIDs(networks: ["astro_lan": id("n"), "bio_lan": id("o")])
        found[.secret, "astro_key"] = id("s")
        found[.secret, "bio_key"] = id("t")
        found[.secret, "astro_unnamed"] = id("u")
        found[.secret, "short"] = "s2"
        found[.config, "astro_conf"] = id("c")
        return Fixture.gate(
            externals: .init(
                networks: ["astro_lan", "bio_lan"],
                configs: ["astro_conf"],
                secrets: ["astro_key", "bio_key", "short"]
            ),
            found: found
        )
    }()

    private static func refusal(_ edit: (inout JSON) -> Void) -> GateCheck? {
        let refusals = [Fixture.create(edit), Fixture.update(edit)].map {
            GateFixture.refusal(of: $0, by: gate)
        }
        #expect(refusals[0] == refusals[1])
        return refusals[0]
    }

    private static func file(
        _ prefix: String,
        _ id: String,
        _ name: String,
        at target: String = "/run/secrets/key"
    ) -> GateCheck? {
        let reference: JSON = [
            "\(prefix)ID": .string(id), "\(prefix)Name": .string(name),
            "File": ["Name": .string(target), "UID": "7", "GID": "0", "Mode": 256],
        ]
        return refusal { $0.set("TaskTemplate", "ContainerSpec", "\(prefix)s", to: [reference]) }
    }

    @Test func letsWhatWasFoundAndIsGrantedBeUsed() {
        #expect(Self.file("Secret", Self.id("s"), "astro_key") == nil)
        #expect(Self.file("Config", Self.id("c"), "astro_conf") == nil)
        #expect(Self.file("Secret", Self.id("s"), "astro_key", at: "/proc/key") == .target)
    }

    /// By the id, by the name, by both, by the kind, or by what the files say.
    @Test(arguments: [
        ("Secret", "x", "astro_key", GateCheck.ownership),
        ("Secret", "s", "astro_conf", .name), ("Secret", "s", "bio_key", .name),
        ("Secret", "t", "bio_key", .ownership), ("Secret", "t", "astro_key", .ownership),
        ("Secret", "u", "astro_unnamed", .ownership), ("Config", "s", "astro_key", .ownership),
        ("Secret", "c", "astro_conf", .ownership), ("Config", "c", "astro_Conf", .name),
    ])
    func refusesWhatIsNot(prefix: String, letter: Character, name: String, check: GateCheck) {
        #expect(Self.file(prefix, Self.id(letter), name) == check)
    }

    /// A beginning of an id may be another's, and a name is anybody's.
    @Test func refusesWhatIsNoWholeID() {
        #expect(Self.file("Secret", "s2", "short") == .ownership)
        #expect(Self.file("Secret", "astro_key", "astro_key") == .ownership)
    }

    @Test func aSharedNameIsEnough() {
        var tenant = Astro.tenant
        tenant.grants.shared = ["bio_key"]
        var found = ExternalIDs()
        found[.secret, "bio_key"] = Self.id("t")
        let gate = Fixture.gate(tenant, externals: .init(secrets: ["bio_key"]), found: found)
        let reference: JSON = [
            "SecretID": .string(Self.id("t")), "SecretName": "bio_key", "File": ["Name": "/key"],
        ]
        let request = Fixture.create {
            $0.set("TaskTemplate", "ContainerSpec", "Secrets", to: [reference])
        }
        #expect(GateFixture.refusal(of: request, by: gate) == nil)
        #expect(GateFixture.refusal(of: request, by: Self.gate) == .ownership)
    }

    @Test func networksAreJoinedByTheIDsThatWereFound() {
        func joining(_ id: String) -> GateCheck? {
            Self.refusal { body in
                let joined: JSON = [["Target": .string(id), "Aliases": ["web"]]]
                body.set("TaskTemplate", "Networks", to: joined)
            }
        }
        #expect(joining(Self.id("n")) == nil)
        #expect(joining(Self.id("o")) == .network && joining(Self.id("x")) == .network)
    }

    @Test func removesNone() {
        for (action, collection, letter) in [
            (EngineRequest.Action.removeConfig, "configs", "c" as Character),
            (.removeSecret, "secrets", "s"),
        ] {
            let id = Self.id(letter)
            let request = GateFixture.of(action, "DELETE", "/\(collection)/\(id)", target: id)
            #expect(GateFixture.refusal(of: request, by: Self.gate) == .ownership)
        }
    }
}
