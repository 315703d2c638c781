import DockerEngine
import Model
import Testing

@Suite(.timeLimit(.minutes(10)))
struct InspectionTests {
    private func inspected(
        started: String = "2026-11-21T04:50:14.300450070Z",
        restart: String = "no",
        state: String = "running",
        health: String = "null",
        stopTimeout: String = "null"
    ) async throws -> ObservedContainer? {
        let body =
            #"{"Id":"c1","Name":"/web_1","Image":"sha256:1","#
            + #""Created":"2026-11-21T04:50:14.987+02:00","RestartCount":3,"State":{"Status":"#
            + #""\#(state)","ExitCode":2,"Error":"no\u001b such file","OOMKilled":true,"#
            + #""StartedAt":"\#(started)","Health":\#(health)},"Config":{"Labels":{"a":"b"},"#
            + #""User":"7:8","#
            + #""Tty":false,"StopTimeout":\#(stopTimeout)},"HostConfig":{"#
            + #""CapAdd":["CAP_KILL","CHOWN"],"NanoCpus":1,"Memory":2,"#
            + #""MemoryReservation":3,"CpuShares":4,"CpuQuota":5,"CpuPeriod":6,"CpusetCpus":"0-1","#
            + #""PidsLimit":null,"PortBindings":{"80/tcp":[{"HostIp":"","#
            + #""HostPort":"8080"},{"HostPort":""}],"53/udp":[{"HostPort":"53"}],"1/tcp":null},"#
            + #""RestartPolicy":{"Name":"\#(restart)","MaximumRetryCount":5}},"NetworkSettings":"#
            + #"{"Networks":{"n":{"NetworkID":"n1","Aliases":["web"]},"m":{"NetworkID":"m1"}}},"#
            + #""Mounts":[{"Type":"volume","Name":"v","Source":"/x","RW":true},"#
            + #"{"Type":"bind","Source":"/srv","RW":false},{"Type":"tmpfs"}]}"#
        let fake = try FakeEngine { _ in .status(200, body) }
        return try await fake.engine.inspect("c1")
    }

    @Test func fillsTheDetails() async throws {
        let container = try #require(await inspected(health: #"{"Status":"healthy"}"#))
        #expect(container.name == "web_1")
        #expect(container.health == .healthy)
        #expect(container.exitCode == nil)
        #expect(container.networks == ["n": "n1", "m": "m1"])
        #expect(container.volumes == ["v"])
        #expect(
            container.mounts
                == [.init(source: "v", readOnly: false), .init(source: "/srv", readOnly: true)]
        )
        #expect(container.ports == [HostPort(8080), HostPort(53, "udp")])
        // Two hours east of Greenwich, in whole seconds like the listing.
        #expect(container.created == Instant(milliseconds: 1_795_229_414_000))
        let details = try #require(container.details)
        #expect(details.started == Instant(milliseconds: 1_795_236_614_300))
        #expect(details.restartCount == 3)
        #expect(details.aliases == ["web"])
        #expect(details.user == "7:8" && details.capabilities == ["CHOWN", "KILL"])
        #expect(details.error == "no such file")
        #expect(details.outOfMemory)
        #expect(
            details.limits
                == .init(
                    nanoCPUs: 1,
                    memory: 2,
                    memoryReservation: 3,
                    pids: 0,
                    restart: .no,
                    processors: .init(shares: 4, quota: 5, period: 6, set: "0-1")
                )
        )
    }

    @Test(arguments: [
        ("no", Service.RestartPolicy.no), ("", .no), ("always", .always),
        ("unless-stopped", .unlessStopped), ("on-failure", .onFailure(retries: 5)),
    ]) func readsTheRestartPolicy(name: String, policy: Service.RestartPolicy) async throws {
        #expect(try await inspected(restart: name)?.details?.limits.restart == policy)
    }

    @Test(arguments: [("null", nil), ("90", Nanoseconds.seconds(90)), ("-1", nil)])
    func readsHowLongItMayTakeToEnd(text: String, span: Nanoseconds?) async throws {
        #expect(try await inspected(stopTimeout: text)?.details?.stopTimeout == span)
    }

    @Test func readsWhatTheLastHealthCheckWrote() async throws {
        let log =
            #"[{"ExitCode":0,"Output":"fine"},"#
            + #"{"ExitCode":7,"Output":"curl: (7)\u001b no\nroute\nthird"}]"#
        let health = #"{"Status":"unhealthy","Log":\#(log)}"#
        let check = try #require(try await inspected(health: health)?.details?.lastCheck)
        #expect(check.description == "with status 7: curl: (7) no; route")
        #expect(try await inspected(health: #"{"Status":"healthy"}"#)?.details?.lastCheck == nil)
    }

    @Test func refusesARestartPolicyItDoesNotKnow() async throws {
        let error = await failure { try await inspected(restart: "sometimes") }
        #expect(error?.code == .protocolError)
    }

    @Test func readsWhatNeverStartedAndWhatExited() async throws {
        let never = try await inspected(started: "0001-01-01T00:00:00Z", state: "created")
        #expect(never?.details?.started == nil)
        #expect(never?.exitCode == nil)
        #expect(try await inspected(state: "exited")?.exitCode == 2)
        let stale = try await inspected(state: "exited", health: #"{"Status":"unhealthy"}"#)
        #expect(stale?.health == nil)
    }

    @Test func whatIsGoneIsNil() async throws {
        let fake = try FakeEngine { _ in .status(404, #"{"message":"No such container: c1"}"#) }
        #expect(try await fake.engine.inspect("c1") == nil)
    }

    @Test func anIdCannotLeaveItsPlace() async throws {
        let fake = try FakeEngine { _ in .status(404, #"{"message":"No such container: x"}"#) }
        _ = try await fake.engine.inspect("../../images?x")
        #expect(fake.calls.last == "GET /v1.41/containers/..%2F..%2Fimages%3Fx/json")
    }
}
