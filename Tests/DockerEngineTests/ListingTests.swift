import DockerEngine
import Model
import Testing

/// Reading the listings, with answers as an engine could give them.
@Suite(.timeLimit(.minutes(10)))
struct ListingTests {
    private func container(
        _ status: String,
        state: String = "running",
        networks: String = "{}",
        mounts: String = "[]",
        names: String = #"["/web_1"]"#,
        ports: String = "[]"
    ) -> String {
        #"{"Id":"c1","Names":\#(names),"Image":"httpd","ImageID":"sha256:1","Created":1795236614,"#
            + #""Labels":null,"State":"\#(state)","Status":"\#(status)","HostConfig":{},"#
            + #""NetworkSettings":{"Networks":\#(networks)},"Mounts":\#(mounts),"#
            + #""Ports":\#(ports)}"#
    }

    private func observed(
        _ entry: String,
        networks: String = "[]"
    ) async throws
        -> ObservedContainer?
    {
        let fake = try FakeEngine.listing(containers: "[\(entry)]", networks: networks)
        return try await fake.engine.observe(controller: "c", volumes: []).containers.first
    }

    @Test(
        arguments: [
            ("Up 3 seconds (healthy)", "running", ObservedContainer.Health.healthy, nil),
            ("Up 2 hours (unhealthy)", "running", .unhealthy, nil),
            ("Up Less than a second (health: starting)", "running", .starting, nil),
            ("Up 5 days", "running", nil, nil),
            ("Up 5 minutes (Paused)", "paused", nil, nil),
            ("Exited (137) 2 hours ago", "exited", nil, 137),
            ("Exited (0) Less than a second ago", "exited", nil, 0),
            ("Exited (-1) 3 days ago", "exited", nil, -1),
            ("Restarting (1) 4 seconds ago", "restarting", nil, 1),
            ("Created", "created", nil, nil),
            ("Dead", "dead", nil, nil),
            ("Removal In Progress", "removing", nil, nil),
        ] as [(String, String, ObservedContainer.Health?, Int?)]
    )
    func readsHealthAndExitCodeFromTheStatus(
        status: String,
        state: String,
        health: ObservedContainer.Health?,
        exitCode: Int?
    ) async throws {
        let container = try #require(await observed(container(status, state: state)))
        #expect(container.state.rawValue == state)
        #expect(container.health == health)
        #expect(container.exitCode == exitCode)
    }

    @Test func readsWhatAPlanNeeds() async throws {
        let container = try #require(
            await observed(
                container(
                    "Created",
                    state: "created",
                    networks:
                        #"{"a":{"NetworkID":""},"b":{"NetworkID":"nb"},"x":{"NetworkID":""}}"#,
                    mounts: #"[{"Type":"volume","Name":"v1","Source":"/x","RW":true},"#
                        + #"{"Type":"bind","Source":"/srv","RW":false}]"#,
                    names: #"["/other/link","/web_1"]"#,
                    ports: #"[{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},"#
                        + #"{"PrivatePort":53,"Type":"udp"}]"#
                ),
                networks: #"[{"Id":"na","Name":"a","Labels":{"k":"v"},"Internal":true}]"#
            )
        )
        #expect(container.name == "web_1")
        #expect(container.labels == [:])
        #expect(container.created == Instant(milliseconds: 1_795_236_614_000))
        #expect(container.networks == ["a": "na", "b": "nb", "x": ""])
        #expect(container.volumes == ["v1"])
        #expect(
            container.mounts
                == [.init(source: "v1", readOnly: false), .init(source: "/srv", readOnly: true)]
        )
        #expect(container.ports == [HostPort(8080)])
        #expect(container.details == nil)
    }

    /// Whoever made them; `host` and `none` have no addresses, which the engine calls null.
    @Test func tellsWhereAllNetworksLie() async throws {
        let pools = #"[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"},{"Subnet":"fd00::/64"}]"#
        let fake = try FakeEngine.listing(
            networks:
                #"[{"Id":"na","Name":"bridge","IPAM":{"Driver":"default","Config":\#(pools)}},"#
                + #"{"Id":"nb","Name":"host","IPAM":{"Config":null}},{"Id":"nc","Name":"none"}]"#
        )
        let networks = try await fake.engine.networks()
        #expect(networks.map(\.subnets) == [["172.17.0.0/16", "fd00::/64"], [], []])
        #expect(fake.calls.last == "GET /v1.41/networks")
    }

    @Test func listsVolumesOnlyWhenOneIsNotMounted() async throws {
        let fake = try FakeEngine.listing(
            containers:
                "[\(container("Up 1 second", mounts: #"[{"Type":"volume","Name":"v1"}]"#))]",
            volumes: #"{"Volumes":[{"Name":"v1","Labels":{"k":"v"}},{"Name":"v3"}]}"#
        )
        let mounted = try await fake.engine.observe(controller: "c", volumes: ["v1"])
        #expect(mounted.volumes == [ObservedVolume(name: "v1")])
        #expect(fake.calls.count == 3)
        let listed = try await fake.engine.observe(controller: "c", volumes: ["v1", "v2"])
        #expect(
            listed.volumes
                == [ObservedVolume(name: "v1", labels: ["k": "v"]), ObservedVolume(name: "v3")]
        )
        let none = try await fake.engine.observe(controller: "c", volumes: [])
        #expect(none.volumes == [])
    }

    @Test func asksForTheControllersObjectsOnly() async throws {
        let fake = try FakeEngine.listing()
        _ = try await fake.engine.observe(controller: "spin-2", volumes: ["v"])
        let filter = "filters=%7B%22label%22%3A%5B%22io.gyre.controller%3Dspin-2%22%5D%7D"
        #expect(
            Set(fake.calls) == [
                "GET /version", "GET /v1.41/containers/json?\(filter)&all=true",
                "GET /v1.41/networks?\(filter)", "GET /v1.41/volumes?\(filter)",
            ]
        )
    }

    @Test(arguments: [
        "", "null", "{}", "[", #"[{"Id":"c1"}]"#, #"[{"Id":"c1","Names":["/a"]"#, "<html>",
    ]) func neverTakesAnUnreadableListForAnEmptyOne(answer: String) async throws {
        for part in 0..<3 {
            let fake = try FakeEngine.listing(
                containers: part == 0 ? answer : "[]",
                networks: part == 1 ? answer : "[]",
                volumes: part == 2 ? answer : #"{"Volumes":null}"#
            )
            let error = await failure {
                try await fake.engine.observe(controller: "c", volumes: ["v"])
            }
            #expect(error?.code == .protocolError, "part \(part)")
        }
    }

    @Test func refusesAStateItDoesNotKnow() async throws {
        let entry = container("Melting", state: "melting")
        let error = await failure { try await observed(entry) }
        #expect(error?.code == .protocolError)
        #expect(error?.message.contains("State") == true)
    }

    @Test func aListCutOffIsAnError() async throws {
        let fake = try FakeEngine { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]")
        }
        let error = await failure { try await fake.engine.observe(controller: "c", volumes: []) }
        #expect(error?.code == .unreachable)
    }

    @Test func aSilentEngineIsAnErrorInTime() async throws {
        let deadlines = EngineDeadlines(call: .milliseconds(100))
        let fake = try FakeEngine(deadlines: deadlines) { _ in
            FakeServer.Reply(pieces: [], then: .fallSilent)
        }
        let error = await failure { try await fake.engine.observe(controller: "c", volumes: []) }
        #expect(error?.code == .timeout)
        #expect(await failure { try await fake.engine.inspect("c1") }?.code == .timeout)
        let event = await failure { for try await _ in fake.engine.events(controller: "c") {} }
        #expect(event?.code == .timeout)
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let address = try #require(EngineAddress("unix:///nowhere/docker.sock"))
        let engine = try DockerEngine(address)
        let error = await failure { try await engine.observe(controller: "c", volumes: []) }
        #expect(error?.code == .unreachable)
        #expect(
            error?.description
                == "ask for its version on /nowhere/docker.sock: cannot connect: "
                + "No such file or directory"
        )
    }
}
