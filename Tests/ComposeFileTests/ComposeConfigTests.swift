import ComposeFile
import Model
import Testing

/// The rendering that `docker compose config` would print.
@Suite struct ComposeConfigTests {
    @Test func aWholeService() throws {
        let sample = Sample(
            service: """
                command: echo $$HOME
                environment: {A: , B: "$$x"}
                ports: ["0:80", "127.0.0.1:81:81/udp"]
                volumes: ["/a:/b:ro", {type: volume, source: data, target: /d}]
                healthcheck: {test: x, interval: 90s, retries: 3}
                mem_limit: 1g
                deploy: {replicas: 1, resources: {limits: {memory: 1024m, cpus: 0.1}}}
                depends_on: {s2: {condition: service_healthy}}
                stop_grace_period: 1d
                """.replacing("depends_on: {s2: {condition: service_healthy}}", with: "tty: true")
                    + "\nlabels: [a=1]"
        )
        .with("volumes: {data: }\nx-note: {a: $$}\n")
        #expect(
            try sample.config()
                == [
                    "name": "app", "x-note": ["a": "$$"],
                    "networks": ["default": ["name": "app_default", "ipam": [:]]],
                    "volumes": ["data": ["name": "app_data"]],
                    "services": [
                        "s": [
                            "image": "i", "command": ["echo", "$$HOME"], "entrypoint": .null,
                            "environment": ["A": .null, "B": "$$x"],
                            "ports": [
                                [
                                    "mode": "ingress", "target": 80, "protocol": "tcp",
                                    "published": "0",
                                ],
                                [
                                    "mode": "ingress", "target": 81, "protocol": "udp",
                                    "published": "81", "host_ip": "127.0.0.1",
                                ],
                            ],
                            "volumes": [
                                [
                                    "type": "bind", "source": "/a", "target": "/b",
                                    "read_only": true, "bind": [:],
                                ],
                                ["type": "volume", "source": "data", "target": "/d"],
                            ],
                            "healthcheck": [
                                "test": ["CMD-SHELL", "x"], "interval": "1m30s", "retries": 3,
                            ],
                            "mem_limit": "1073741824", "stop_grace_period": "24h0m0s", "tty": true,
                            "labels": ["a": "1"], "networks": ["default": .null],
                            "deploy": [
                                "replicas": 1, "placement": [:],
                                "resources": [
                                    "limits": ["memory": "1073741824", "cpus": .double(0.1)]
                                ],
                            ],
                        ]
                    ],
                ]
        )
    }

    @Test func oneTargetIsMountedOnce() throws {
        let sample = Sample(
            service: "volumes: [{type: tmpfs, target: /run, tmpfs: {size: 1m}}]\ntmpfs: /run:size"
        )
        #expect(throws: Rejection.self) { try sample.config() }
    }

    @Test func durationsAsGoPrintsThem() throws {
        for (text, expected) in [
            ("1.5h", "1h30m0s"), ("500ms", "500ms"), ("1us", "1µs"), ("1w2d", "216h0m0s"),
            ("\"0\"", "0s"),
            ("100000s", "27h46m40s"), ("1.234567s", "1.234567s"), ("7ns", "7ns"),
        ] {
            let sample = Sample(service: "stop_grace_period: \(text)")
            let service = try sample.config()["services"]?["s"]
            #expect(service?["stop_grace_period"] == .string(expected))
        }
    }

    @Test func theResultReadsAsTheSameStack() throws {
        let sample = Sample(
            service: """
                command: [sh, -c, "echo $$x"]
                environment: [A=1]
                ports: ["80:80", "81"]
                tmpfs: [/run, "/tmp:size=1m"]
                links: [t]
                scale: 1
                cpus: 0.5
                devices: [/dev/a]
                """
        ).with("  t: {image: i}\n")
        let stack = try sample.load()
        let again = Sample(try sample.config().text)
        #expect(try again.load().services == stack.services.mapValues { $0.withFullDevices })
        #expect(try again.config() == sample.config())
    }
}

extension Sample {
    /// The sample with more lines after its service.
    fileprivate func with(_ lines: String) -> Sample {
        Sample((files["compose.yaml"] ?? "") + lines, files.filter { $0.key != "compose.yaml" })
    }
}

extension Service {
    /// Devices with all three parts, as the rendering has them.
    fileprivate var withFullDevices: Service {
        var service = self
        service.privileges.devices = service.privileges.devices.map {
            $0.contains(":") ? $0 : "\($0):\($0):rwm"
        }
        return service
    }
}
