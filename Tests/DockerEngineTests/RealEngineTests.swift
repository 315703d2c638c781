import DockerEngine
import Model
import Synchronization
import Testing

/// The engine client against a real engine.
@Suite(.enabled(if: RealEngine.isThere), .timeLimit(.minutes(10)))
struct RealEngineTests {
    @Test func knowsTheEngine() async throws {
        try await RealEngine.with { real in
            let identity = try await real.engine.identity()
            #expect(!identity.id.isEmpty)
            #expect(!identity.version.isEmpty)
            #expect(["1", "2"].contains(identity.cgroupVersion))
            #expect(identity.cpus > 0 && identity.memory > 0)
            #expect(identity.securityOptions.contains("seccomp"))
            #expect(identity.apiVersion == (try await real.engine.apiVersion().description))
        }
    }

    @Test func observesWhatRuns() async throws {
        try await RealEngine.with { real in
            let network = try await real.network("net")
            let volume = try await real.volume("data")
            let running = try await real.container(
                "web",
                "sleep",
                "600",
                host: [
                    "NetworkMode": .string(network), "Binds": [.string("\(volume):/data")],
                ]
            )
            let failed = try await real.container("job", "sh", "-c", "exit 3")
            let waiting = try await real.container(
                "later",
                "true",
                host: ["NetworkMode": .string(network)],
                isStarted: false
            )
            _ = try await real.wait(for: failed) { $0.state == .exited }

            let observed = try await real.engine.observe(
                controller: real.controller,
                volumes: [volume]
            )
            #expect(Set(observed.containers.map(\.id)) == [running, failed, waiting])
            #expect(observed.networks.map(\.id) == [network])
            #expect(observed.volumes == [ObservedVolume(name: volume)])
            let byID = Dictionary(uniqueKeysWithValues: observed.containers.map { ($0.id, $0) })
            #expect(byID[running]?.name == "\(real.controller)-web")
            #expect(byID[running]?.state == .running)
            #expect(byID[running]?.networks == ["\(real.controller)-net": network])
            #expect(byID[running]?.volumes == [volume])
            #expect(byID[running]?.labels["io.gyre.stack"] == real.controller)
            #expect(byID[failed]?.exitCode == 3)
            #expect(byID[waiting]?.state == .created)
            #expect(byID[waiting]?.networks == ["\(real.controller)-net": network])

            let all = try await real.engine.observe(controller: real.controller, volumes: [""])
            #expect(all.volumes?.first?.labels["io.gyre.controller"] == real.controller)
            let others = try await real.engine.observe(controller: "nobody", volumes: [""])
            #expect(others.containers == [] && others.networks == [] && others.volumes == [])
        }
    }

    @Test func followsHealth() async throws {
        try await RealEngine.with { real in
            let id = try await real.container(
                "web",
                "sleep",
                "600",
                more: [
                    "Healthcheck": [
                        "Test": ["CMD", "test", "-e", "/tmp/well"], "Interval": 1_000_000_000,
                        "Retries": 1,
                    ]
                ]
            )
            let judged = try await real.wait(for: id) { ![nil, .starting].contains($0.health) }
            #expect(judged.health == .unhealthy)
            #expect(try await real.engine.inspect(id)?.health == .unhealthy)
        }
    }

    @Test func inspectsAsItLists() async throws {
        try await RealEngine.with { real in
            let network = try await real.network("net")
            let volume = try await real.volume("data")
            let host: JSON = [
                "NetworkMode": .string(network), "Binds": [.string("\(volume):/data")],
                "Memory": 67_108_864, "NanoCpus": 500_000_000, "PidsLimit": 50,
                "RestartPolicy": ["Name": "on-failure", "MaximumRetryCount": 4],
            ]
            let id = try await real.container("web", "sleep", "600", host: host)
            let created = try await real.container("new", "true", host: host, isStarted: false)
            let observed = try await real.engine.observe(controller: real.controller, volumes: [])
            for container in observed.containers {
                var inspected = try #require(await real.engine.inspect(container.id))
                let details = try #require(inspected.details)
                inspected.details = nil
                #expect(inspected == container)
                #expect(
                    details.limits
                        == .init(
                            nanoCPUs: 500_000_000,
                            memory: 67_108_864,
                            pids: 50,
                            restart: .onFailure(retries: 4),
                            processors: .init()
                        )
                )
                #expect((details.started == nil) == (container.id == created))
            }
            #expect(observed.containers.contains { $0.id == id })
            let gone = String(repeating: "0", count: 64)
            #expect(try await real.engine.inspect(gone) == nil)
        }
    }

    @Test func saysWhyAContainerCouldNotStart() async throws {
        try await RealEngine.with { real in
            let id = try await real.container("web", "/no/such/program", isStarted: false)
            let request = EngineRequest(
                .startContainer,
                "POST",
                "/containers/\(id)/start",
                target: id
            )
            let error = await failure {
                try await real.engine.send(real.checked(request, owned: [id]))
            }
            #expect(error?.code == .badRequest)
            #expect(error?.message.contains("/no/such/program") == true)
            let details = try await real.engine.inspect(id)?.details
            #expect(details?.error.contains("/no/such/program") == true)
        }
    }

    @Test func readsAnImageAndItsAbsence() async throws {
        try await RealEngine.with { real in
            let pin = try #require(await real.engine.image("busybox"))
            #expect(pin.imageID.hasPrefix("sha256:"))
            let same = try await real.engine.image("docker.io/library/busybox:latest")
            #expect(same?.imageID == pin.imageID)
            #expect(try await real.engine.image("gyre.invalid/no/such:1") == nil)
            if let digest = pin.digest {
                #expect(digest.hasPrefix("busybox@sha256:"))
                #expect(try await real.engine.image(digest)?.imageID == pin.imageID)
            }
        }
    }

    @Test func aPullOfNothingFails() async throws {
        try await RealEngine.with { real in
            let request = EngineRequest(
                .pullImage,
                "POST",
                "/images/create",
                query: [.init("fromImage", "gyre-no-such-image"), .init("tag", "1")]
            )
            let error = await failure { try await real.engine.pull(real.checked(request)) }
            #expect([.noSuchImage, .registry].contains(error?.code))
        }
    }

    @Test func readsTheEndOfBothOutputs() async throws {
        try await RealEngine.with { real in
            let script = "for i in 1 2 3; do echo out $i; echo err $i >&2; done; echo end"
            for hasTerminal in [false, true] {
                let id = try await real.container(
                    "logs\(hasTerminal)",
                    "sh",
                    "-c",
                    script,
                    more: ["Tty": .bool(hasTerminal)]
                )
                _ = try await real.wait(for: id) { $0.state == .exited }
                let all = try await real.engine.logs(id, lines: 100)
                #expect(all.split(separator: "\n").count == 7)
                #expect(all.contains("out 1\n") && all.contains("err 3\n"))
                // The two outputs come through two pipes, so any line may be the last.
                let last = try await real.engine.logs(id, lines: 1)
                #expect(all.hasSuffix(last) && last.split(separator: "\n").count == 1)
            }
            let long = try await real.container(
                "long",
                "sh",
                "-c",
                "yes 0123456789 | head -c 300000; echo end"
            )
            _ = try await real.wait(for: long) { $0.state == .exited }
            let text = try await real.engine.logs(long, lines: 1_000_000)
            #expect(text.utf8.count <= 70_000)
            #expect(text.hasPrefix("…") && text.hasSuffix("end\n"))
            let gone = String(repeating: "0", count: 64)
            #expect(await failure { try await real.engine.logs(gone, lines: 1) }?.code == .notFound)
        }
    }
}
