import ComposeFile
import Model
import Testing

/// What the attributes of a service mean.
@Suite struct ServiceTests {
    @Test func everyAttributeThatIsAText() throws {
        let service = try Sample(
            service: """
                user: "1000:1000"
                working_dir: /srv
                hostname: h
                read_only: true
                init: false
                tty: "true"
                stop_signal: SIGINT
                stop_grace_period: 1m30s
                restart: on-failure:3
                """
        ).service()
        #expect(service.image == "i")
        #expect(service.user == "1000:1000")
        #expect(service.workingDirectory == "/srv")
        #expect(service.hostname == "h")
        #expect(service.readOnly)
        #expect(service.initProcess == false)
        #expect(service.tty)
        #expect(service.stopSignal == "SIGINT")
        #expect(service.stopGracePeriod == .seconds(90))
        #expect(service.restart == .onFailure(retries: 3))
    }

    @Test(arguments: [
        (
            #"sh -c "echo 'a b' \"c d\" && x" esc\ aped"#,
            ["sh", "-c", #"echo 'a b' "c d" && x"#, "esc aped"]
        ),
        ("echo a && echo b", ["echo", "a"]), ("run me 2>&1", ["run", "me"]),
        (#"a "" '' b"#, ["a", "", "", "b"]), (#"a"b c"d e'f g'h"#, ["ab cd", "ef gh"]),
        (#"echo a\b "c\d" 'e\f' \n"#, ["echo", "ab", "cd", #"e\f"#, "\n"]),
        ("echo `date now` x", ["echo", "`date now`", "x"]),
        ("echo $$(date now)", ["echo", "$(date now)"]),
        ("a #b", ["a", "#b"]), ("", []),
    ])
    func commandsAreSplit(text: String, expected: [String]) throws {
        let quoted = text.replacing("'", with: "''")
        #expect(try Sample(service: "command: '\(quoted)'").service().command == expected)
    }

    @Test func commandsThatClearOrLeave() throws {
        #expect(try Sample(service: "command:\nentrypoint: []").service().command == nil)
        #expect(try Sample(service: "command:\nentrypoint: []").service().entrypoint == [])
    }

    @Test func environmentFromFilesAndMap() throws {
        let sample = Sample(
            service: """
                env_file: [one.env, {path: two.env, format: raw}, {path: none.env, required: false}]
                environment:
                  OWN: x
                  NUMBER: 0777
                  DATE: 2020-01-02
                  EMPTY:
                  PROJECT:
                """,
            [
                ".env": "PROJECT=p\nSHARED=env",
                "one.env": "A=1\nB=${OWN}-${SHARED}-$A\nOWN=lost\nEMPTY=lost",
                "two.env": "A='2'\nC=$A",
            ]
        )
        let service = try sample.service()
        let expected: [String: String?] = [
            "A": "'2'", "B": "x-env-1", "C": "$A", "OWN": "x", "NUMBER": "511",
            "DATE": "2020-01-02 00:00:00 +0000 UTC", "EMPTY": nil, "PROJECT": "p",
        ]
        #expect(service.environment == expected)
        let places = try sample.load().places
        let path = FieldPath("services", "s", "environment")
        #expect(places.location(of: path / "C")?.description == "app/two.env:2:1")
        #expect(places.location(of: path / "OWN")?.description == "app/compose.yaml:6:12")
    }

    @Test func labelsInBothForms() throws {
        let map = try Sample(service: "labels: {a: yes, b: true, c: 1.50, d: , e: 1000000.0}")
            .service()
        #expect(map.labels == ["a": "yes", "b": "true", "c": "1.5", "d": "", "e": "1e+06"])
        #expect(
            try Sample(service: "labels: [a, b=1=2]").service().labels == ["a": "", "b": "1=2"]
        )
    }

    @Test(arguments: [
        ("80", ["80/tcp"]), ("8080:80", ["8080:80/tcp"]),
        ("127.0.0.1::80/UDP", ["127.0.0.1:80/udp"]),
        ("[::1]:8080:80", ["::1:8080:80/tcp"]), ("::1:8080:80", ["::1:8080:80/tcp"]),
        ("7000-7001:7100-7101", ["7000:7100/tcp", "7001:7101/tcp"]), (":80", ["80/tcp"]),
        ("99-101", ["100/tcp", "101/tcp", "99/tcp"]), ("0:80", ["80/tcp"]),
    ])
    func shortPorts(text: String, expected: [String]) throws {
        let ports = try Sample(service: "ports: [\"\(text)\"]").service().ports
        #expect(ports.map(\.description) == expected)
    }

    @Test func longPortsAndRepetition() throws {
        let service = try Sample(
            service: """
                ports:
                  - {target: 80, published: "8080", protocol: udp, host_ip: 127.0.0.1}
                  - 81:81
                  - {target: "81", published: "81", mode: ingress}
                expose: [80, "90-92/udp", 80]
                """
        ).service()
        #expect(service.ports.map(\.description) == ["127.0.0.1:8080:80/udp", "81:81/tcp"])
        #expect(service.expose == ["80", "90-92/udp"])
    }

    @Test func mounts() throws {
        let stack = try Sample(
            """
            services:
              s:
                image: i
                volumes:
                  - data:/data/
                  - //global//cfs/./x:/x:ro
                  - /anonymous
                  - {type: bind, source: /y, target: /y, read_only: true}
                  - {type: volume, target: /z}
                  - {type: tmpfs, target: /run, tmpfs: {size: 1m, mode: 01777}}
                  - more:/data
                  - data:/other
                tmpfs: /tmp:size=64m
            volumes: {data: , more: {name: real}}
            """
        ).load()
        let service = try #require(stack.services["s"])
        #expect(
            service.volumes == [
                Mount(source: .volume(key: "more"), target: "/data"),
                Mount(source: .bind(path: "/global/cfs/x"), target: "/x", readOnly: true),
                Mount(source: .anonymous, target: "/anonymous"),
                Mount(source: .bind(path: "/y"), target: "/y", readOnly: true),
                Mount(source: .anonymous, target: "/z"),
                Mount(source: .volume(key: "data"), target: "/other"),
            ]
        )
        #expect(service.tmpfs == ["/run": "size=1048576,mode=1777", "/tmp": "size=64m"])
        #expect(stack.volumes["more"]?.name == "real")
        #expect(stack.volumes["data"]?.name == "app_data")
    }

    @Test func healthchecks() throws {
        let full = try Sample(
            service:
                "healthcheck: {test: [CMD, x], interval: 5s, timeout: 1s, "
                + "start_period: 1m, retries: 3}"
        ).service().healthcheck
        #expect(
            full
                == Service.Healthcheck(
                    test: ["CMD", "x"],
                    interval: .seconds(5),
                    timeout: .seconds(1),
                    startPeriod: .seconds(60),
                    retries: 3
                )
        )
        #expect(
            try Sample(service: "healthcheck: {test: a b}").service().healthcheck?.test == [
                "CMD-SHELL", "a b",
            ]
        )
        #expect(
            try Sample(service: "healthcheck: {disable: true}").service().healthcheck?.isDisabled
                == true
        )
    }

    @Test func resourcesInBothForms() throws {
        let short = try Sample(
            service:
                "mem_limit: 512m\ncpus: 0.1\npids_limit: \"10\"\nmem_reservation: 64MiB\nscale: 2"
        ).load()
        let expected = Service.Resources(
            nanoCPUs: 100_000_000,
            memory: .mebibytes(512),
            pids: 10,
            reservedMemory: .mebibytes(64)
        )
        #expect(short.services["s"]?.resources == expected)
        #expect(short.services["s"]?.replicas == 2)
        let long = try Sample(
            service: """
                deploy:
                  replicas: 2
                  resources:
                    limits: {memory: 512m, cpus: "0.1", pids: 10}
                    reservations: {memory: 64m}
                """
        ).service()
        #expect(long.resources == expected)
        #expect(long.replicas == 2)
        let path = FieldPath("services", "s")
        #expect(short.places.wrote(path / "mem_limit"))
        let memory = path / "deploy" / "resources" / "limits" / "memory"
        #expect(short.places.location(of: memory)?.description == "app/compose.yaml:4:16")
    }

    @Test func relations() throws {
        let stack = try Sample(
            """
            services:
              a: {image: i, depends_on: [b], links: ["c:db"], networks: [front]}
              b: {image: i, depends_on: {c: {condition: service_healthy, restart: true}}}
              c: {image: i, networks: {front: {aliases: [x]}, default: }}
            networks: {front: {internal: true, labels: [l=1]}, unused: }
            """
        ).load()
        #expect(stack.services["a"]?.dependsOn["b"] == Service.Dependency())
        #expect(stack.services["a"]?.dependsOn["c"] == Service.Dependency(restart: true))
        #expect(stack.services["a"]?.links == [Service.Link(service: "c", alias: "db")])
        #expect(
            stack.services["b"]?.dependsOn["c"]
                == Service.Dependency(condition: .healthy, restart: true)
        )
        #expect(stack.services["c"]?.networks["front"]?.aliases == ["x"])
        #expect(stack.services["b"]?.networks.keys.map { $0 } == ["default"])
        #expect(
            stack.networks == [
                "default": Stack.Network(name: "app_default"),
                "front": Stack.Network(name: "app_front", isInternal: true, labels: ["l": "1"]),
            ]
        )
    }

    @Test func privilegesAreReadWithTheirPlaces() throws {
        let stack = try Sample(
            service: """
                cap_add: [NET_ADMIN, NET_RAW, NET_ADMIN]
                privileged: true
                pid: host
                network_mode: host
                devices: ["/dev/sda:/dev/x", {source: /dev/b, target: /dev/c, permissions: r}]
                security_opt: [seccomp=unconfined]
                """
        ).load()
        let service = try #require(stack.services["s"])
        #expect(service.capAdd == ["NET_ADMIN", "NET_RAW"])
        #expect(service.privileges.privileged)
        #expect(service.privileges.namespaces == ["pid": "host", "network_mode": "host"])
        #expect(service.privileges.devices == ["/dev/sda:/dev/x", "/dev/b:/dev/c:r"])
        #expect(service.networks.isEmpty)
        #expect(stack.networks.isEmpty)
        let path = FieldPath("services", "s")
        for (field, place) in [
            (path, "2:3"), (path / "image", "3:12"), ((path / "cap_add")[1], "4:26"),
            (path / "privileged", "5:17"), (path / "network_mode", "7:19"),
            ((path / "devices")[1], "8:34"), ((path / "security_opt")[0], "9:20"),
        ] {
            #expect(stack.places.location(of: field)?.description == "app/compose.yaml:\(place)")
        }
    }

    @Test func whatIsAskedOfANodeHasItsPlace() throws {
        let stack = try Sample(
            service: """
                runtime: kata
                cgroup_parent: m-executor
                storage_opt: {size: 1G}
                mac_address: 02:42:ac:11:65:43
                networks: {default: {gw_priority: 3, driver_opts: {a: 1}, interface_name: eth9}}
                volumes:
                  - /srv:/srv:ro,Z
                  - {type: bind, source: /b, target: /b, bind: {create_host_path: false}}
                  - {type: bind, source: /c, target: /c, bind: {propagation: rslave}}
                  - {type: bind, source: /d, target: /d, bind: {recursive: disabled}}
                  - {type: volume, target: /e, volume: {labels: {l: 1}}}
                """
        ).load()
        let service = try #require(stack.services["s"])
        #expect(service.runtime == "kata")
        #expect(service.controlGroupParent == "m-executor")
        #expect(service.storageOptions == ["size": "1G"])
        #expect(service.macAddress == "02:42:ac:11:65:43")
        let joined = try #require(service.networks["default"])
        #expect(joined.gatewayPriority == 3)
        #expect(joined.options == ["a": "1"])
        #expect(joined.interfaceName == "eth9")
        let options = service.volumes.map(\.options)
        #expect(options.map(\.createsHostPath) == [true, false, true, true, true])
        #expect(options[0].relabelling == "Z")
        #expect(options[2].propagation == "rslave")
        #expect(options[3].recursion == "disabled")
        #expect(options[4].labels == ["l": "1"])
        let volumes = FieldPath("services", "s", "volumes")
        for (field, place) in [
            (volumes[0] / "bind" / "selinux", "10:9"),
            (volumes[2] / "bind" / "propagation", "12:66"),
            (volumes[4] / "volume" / "labels" / "l", "14:57"),
        ] {
            #expect(stack.places.location(of: field)?.description == "app/compose.yaml:\(place)")
        }
    }

    @Test func extensionsAndAnchors() throws {
        let stack = try Sample(
            """
            x-common: &common {user: "5", x-deep: 1}
            services:
              x-a: {<<: *common, image: i, x-note: 1}
            """
        ).load()
        #expect(stack.services["x-a"]?.user == "5")
        #expect(stack.extensions["x-common"] == ["user": "5", "x-deep": 1])
    }
}
