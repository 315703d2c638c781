import Admission
import Model
import Testing

/// What the gate says of networks and volumes that somebody else makes.
@Suite struct GateExternalTests {
    private static let gate = GateFixture.gate(
        Astro.tenant,
        externals: .init(
            networks: ["astro_shared", "astro_web_default", "bio_db_default", "host"],
            volumes: ["astro_shared", "astro_web_data", "bio_db_data"]
        )
    )

    private static func mounting(_ volume: String) -> EngineRequest {
        GateFixture.create {
            $0.set("User", to: nil)
            $0.set("HostConfig", "Mounts", to: nil)
            $0.set("HostConfig", "Binds", to: [.string("\(volume):/d:rw")])
        }
    }

    /// No user is wanted: a volume is no shared file system.
    @Test(arguments: [("astro_shared", GateCheck.ownership), ("astro_web_data", .bind)])
    func letsVolumesOfTheProjectBeMounted(name: String, otherwise: GateCheck) {
        #expect(GateFixture.refusal(of: Self.mounting(name), by: Self.gate) == nil)
        // As its own, the stack would have to own it.
        #expect(GateFixture.refusal(of: Self.mounting(name)) != nil)
        let mount: JSON = [["Type": "volume", "Source": .string(name), "Target": "/x"]]
        let request = GateFixture.create { $0.set("HostConfig", "Mounts", to: mount) }
        #expect(GateFixture.refusal(of: request, by: Self.gate) == nil)
        #expect(GateFixture.refusal(of: request) == otherwise)
    }

    /// Whatever the stack says, what is another project's stays so.
    @Test(arguments: ["bio_db_data", "bio_db_default", "host"])
    func refusesWhatIsAnothers(name: String) {
        #expect(GateFixture.refusal(of: Self.mounting(name), by: Self.gate) != nil)
        let request = GateFixture.create {
            $0.set("HostConfig", "NetworkMode", to: .string(name))
            $0.set("NetworkingConfig", to: nil)
        }
        #expect(GateFixture.refusal(of: request, by: Self.gate) == .network)
    }

    @Test func letsNetworksOfTheProjectBeJoined() {
        let create = GateFixture.create {
            $0.set("HostConfig", "NetworkMode", to: "astro_web_default")
            $0.set("NetworkingConfig", "EndpointsConfig", to: ["astro_web_default": [:]])
        }
        #expect(GateFixture.refusal(of: create, by: Self.gate) == nil)
        #expect(GateFixture.refusal(of: create) == .network)
        var connect = GateFixture.connect()
        connect.path = "/networks/astro_web_default/connect"
        #expect(GateFixture.refusal(of: connect, by: Self.gate) == nil)
        #expect(GateFixture.refusal(of: connect) == .network)
    }

    /// The engine would make a volume of a network's name, and nobody would own it.
    @Test func knowsNetworksFromVolumes() {
        #expect(GateFixture.refusal(of: Self.mounting("astro_web_default"), by: Self.gate) == .bind)
        let request = GateFixture.create {
            $0.set("HostConfig", "NetworkMode", to: "astro_web_data")
            $0.set("NetworkingConfig", to: nil)
        }
        #expect(GateFixture.refusal(of: request, by: Self.gate) == .network)
    }

    @Test func makesAndRemovesNone() {
        let network = GateFixture.createNetwork { $0.set("Name", to: "astro_shared") }
        #expect(GateFixture.refusal(of: network, by: Self.gate) == .ownership)
        let volume = GateFixture.createVolume { $0.set("Name", to: "astro_shared") }
        #expect(GateFixture.refusal(of: volume, by: Self.gate) == .ownership)
        let removal = GateFixture.of(
            .removeVolume,
            "DELETE",
            "/volumes/astro_shared",
            target: "astro_shared"
        )
        #expect(GateFixture.refusal(of: removal, by: Self.gate) == .ownership)
    }
}
