/// Something that a tenant tries: a version of its files that asks for what it must not have.
struct Escape: Sendable {
    var name: String
    /// The rule or message that has to be found.
    var code: String
    /// A text of the compose file: the finding has to point at its line.
    var place: String
    /// Lines of the service `web`, in place of the sound version's.
    var lines: [String] = []
    /// What stands beside `services`, and before it.
    var beside: [String] = []
    var before: [String] = []
    /// Files beside the compose file.
    var files: [String: String] = [:]
    /// Links beside the compose file, path to target.
    var links: [String: String] = [:]
    var image = "web:2.0"

    /// The compose file, sound but for what is tried.
    var compose: String {
        let service = ["image: \(image)", "stop_grace_period: 2s"] + lines
        let file = before + ["services:", "  web:"] + service.map(Compose.line) + beside
        return file.joined(separator: "\n") + "\n"
    }

    /// The line that a finding has to name.
    var line: Int? {
        compose.split(separator: "\n").firstIndex { $0.contains(place) }.map { $0 + 1 }
    }
}

/// Where things are that a tenant must not reach, and what they hold.
struct Canaries: Sendable {
    /// The node's directory that the tenant was granted.
    let granted: String
    /// The node's directory that root alone may read.
    let closed: String
    /// A file beside the repository, on the controller's machine.
    let file: String
    /// A variable of the controller's.
    let variable: String
    /// The project that shares the node.
    let neighbour: String
    /// The texts that the closed things hold, each told apart from the others.
    let texts: [String]
}

extension Escape {
    /// One of each kind.
    static func all(_ canaries: Canaries) -> [Escape] {
        privileges(canaries) + mounts(canaries) + names(canaries) + files(canaries)
            + programs(canaries)
    }

    /// Power over the node.
    private static func privileges(_ canaries: Canaries) -> [Escape] {
        func plain(_ name: String, _ code: String, _ line: String) -> Escape {
            Escape(name: name, code: code, place: line, lines: [line])
        }
        return [
            Escape(
                name: "privileged, by a merge key and a default",
                code: "privileged",
                place: "privileged:",
                lines: ["<<: *more"],
                before: ["x-more: &more", "  privileged: ${NOTHING:-true}"]
            ),
            plain(
                "a capability in another spelling",
                "capability-granted",
                "cap_add: [cap_sys_AdMin]"
            ),
            plain("the node's network", "namespace", "network_mode: host"),
            plain("the node's processes", "namespace", "pid: host"),
            plain("the node's memory", "namespace", "ipc: host"),
            plain("the node's users", "namespace", "userns_mode: host"),
            plain("a device", "device", "devices: [/dev/mem:/dev/mem:rwm]"),
            plain("no seccomp", "security-option", "security_opt: ['seccomp:unconfined']"),
            plain("a kernel's setting", "sysctl", "sysctls: {kernel.core_pattern: '|/bin/sh'}"),
            plain("another part of the control groups", "cgroup-parent", "cgroup_parent: /"),
            plain("another runtime", "runtime", "runtime: any"),
            plain("the engine's socket by its attribute", "not-supported", "use_api_socket: true"),
        ]
    }

    /// Files and disks of the node.
    private static func mounts(_ canaries: Canaries) -> [Escape] {
        func bind(_ name: String, _ code: String, _ mount: String) -> Escape {
            Escape(
                name: name,
                code: code,
                place: mount,
                lines: ["user: '41000:5000'", "volumes: ['\(mount)']"]
            )
        }
        let last = canaries.closed.split(separator: "/").last ?? ""
        return [
            bind("a closed directory", "bind-granted", "\(canaries.closed):/data"),
            bind("a path that climbs", "bind-form", "\(canaries.granted)/../\(last):/data"),
            bind("a path spelled anew", "bind-granted", "/\(canaries.closed)/./:/data"),
            bind("a name that begins as a grant", "bind-granted", "\(canaries.granted)-x:/data"),
            bind("the engine's socket", "bind-engine", "/var/run/docker.sock:/tmp/engine"),
            bind("the node's processes as files", "bind-node", "/proc/1/root:/data"),
            bind("a mount that spreads", "bind-option", "\(canaries.granted):/data:rshared"),
            Escape(
                name: "a volume that is a bind",
                code: "volume-driver",
                place: "driver_opts:",
                lines: ["volumes: ['disk:/data']"],
                beside: [
                    "volumes:", "  disk:",
                    "    driver_opts: {type: none, o: bind, device: \(canaries.closed)}",
                ]
            ),
            Escape(
                name: "a file system over the kernel's",
                code: "mount-target",
                place: "tmpfs:",
                lines: ["tmpfs: [/proc/sys]"]
            ),
            Escape(
                name: "root beside shared files",
                code: "identity",
                place: "user:",
                lines: ["user: '0:5000'", "volumes: ['\(canaries.granted):/data']"]
            ),
        ]
    }

    /// What another project owns.
    private static func names(_ canaries: Canaries) -> [Escape] {
        let other = canaries.neighbour
        return [
            Escape(
                name: "another project's network",
                code: "own-name",
                place: "name: \(other)_default",
                lines: ["networks: [theirs]"],
                beside: [
                    "networks:", "  theirs:", "    external: true", "    name: \(other)_default",
                ]
            ),
            Escape(
                name: "another project's volume",
                code: "own-name",
                place: "name: \(other)_data",
                lines: ["volumes: ['theirs:/data']"],
                beside: ["volumes:", "  theirs:", "    name: \(other)_data"]
            ),
            Escape(
                name: "another project's network from within",
                code: "namespace",
                place: "network_mode:",
                lines: ["network_mode: 'container:\(other)-web-1'"]
            ),
            Escape(
                name: "another project's mounts",
                code: "undeclared",
                place: "volumes_from:",
                lines: ["volumes_from: ['container:\(other)-web-1']"]
            ),
            Escape(
                name: "another project's name",
                code: "name-claimed",
                place: "container_name:",
                lines: ["container_name: \(other)-web-2"]
            ),
            Escape(
                name: "another project's labels",
                code: "label-reserved",
                place: "io.gyre.project:",
                lines: ["labels:", "  io.gyre.project: \(other)"]
            ),
            Escape(
                name: "another project's requests",
                code: "label-routing",
                place: "traefik.http",
                lines: ["labels:", "  traefik.http.routers.x.rule: Host(`\(other).test`)"]
            ),
            Escape(
                name: "a port that was not granted",
                code: "port-granted",
                place: "ports:",
                lines: ["ports: ['0.0.0.0:80:8080']"]
            ),
        ]
    }

    /// Files and variables of the controller.
    private static func files(_ canaries: Canaries) -> [Escape] {
        [
            Escape(
                name: "a file of the controller as variables",
                code: "env-file-outside",
                place: "env_file:",
                lines: ["env_file: ../../../../../../..\(canaries.file)"]
            ),
            Escape(
                name: "a file of the controller by a link",
                code: "file-outside",
                place: "file:",
                lines: ["configs: [stolen]"],
                beside: ["configs:", "  stolen:", "    file: innocent.txt"],
                links: ["innocent.txt": canaries.file]
            ),
            Escape(
                name: "a file of the controller to extend",
                code: "file-outside",
                place: "file:",
                lines: ["extends:", "  file: \(canaries.file)", "  service: web"]
            ),
            Escape(
                name: "a variable of the controller",
                code: "required-variable",
                place: "${\(canaries.variable)",
                lines: ["environment:", "  STOLEN: ${\(canaries.variable):?is not there}"]
            ),
            Escape(
                name: "a secret from the controller's environment",
                code: "required-variable",
                place: "environment: \(canaries.variable)",
                lines: ["secrets: [stolen]"],
                beside: ["secrets:", "  stolen:", "    environment: \(canaries.variable)"]
            ),
            Escape(
                name: "another repository",
                code: "remote-file",
                place: "include:",
                beside: ["include: ['https://git.test/\(canaries.neighbour).git']"]
            ),
        ]
    }

    /// Programs on the controller or the node.
    private static func programs(_ canaries: Canaries) -> [Escape] {
        [
            Escape(
                name: "a program of the repository as a provider",
                code: "not-supported",
                place: "provider:",
                lines: ["provider: {type: ./steal}"],
                files: ["steal": "#!/bin/sh\ncat \(canaries.file) >stolen\n"]
            ),
            Escape(
                name: "a command as root when it starts",
                code: "not-supported",
                place: "post_start:",
                lines: ["post_start: [{command: 'true', user: root, privileged: true}]"]
            ),
            Escape(
                name: "an image that is built",
                code: "not-supported",
                place: "build:",
                lines: ["build: {context: ., network: host}"],
                files: ["Dockerfile": "FROM web:1.0\nRUN cat /etc/shadow\n"]
            ),
            Escape(
                name: "an image of elsewhere",
                code: "image-granted",
                place: "image:",
                image: "docker.io.evil.test/library/web:1.0"
            ),
            Escape(
                name: "log lines to a socket of the node",
                code: "log-driver",
                place: "driver:",
                lines: ["logging:", "  driver: syslog"]
            ),
        ]
    }
}
