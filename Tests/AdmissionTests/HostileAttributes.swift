import Admission

/// What a tenant's file may not have, and what the finding is about: the attributes of Compose that
/// reach the node, other teams, or what the controller can read, each in several values.
enum HostileAttributes {
    /// An attribute of a service, on one line.
    typealias OfService = (line: String, topics: Set<Rule.Topic>)
    /// A line beside the services, and the one of a service that needs it.
    typealias OfFile = (top: String, line: String, topics: Set<Rule.Topic>)

    /// The first half, since a compiler takes its time for one long list.
    private static let first: [OfService] = [
        ("privileged: true", [.privilege]),
        ("cap_add: [SYS_ADMIN]", [.capability]),
        ("cap_add: [all]", [.capability]),
        ("security_opt: ['seccomp:unconfined']", [.securityOption]),
        ("network_mode: host", [.namespace]),
        ("pid: host", [.namespace]),
        ("ipc: host", [.namespace]),
        ("uts: host", [.namespace]),
        ("cgroup: host", [.namespace]),
        ("userns_mode: host", [.namespace]),
        ("devices: [/dev/fuse]", [.device]),
        ("device_cgroup_rules: ['a *:* rwm']", [.device]),
        ("gpus: all", [.device]),
        ("sysctls: {kernel.msgmax: 1}", [.sysctl]),
        ("cgroup_parent: /", [.limits]),
        ("runtime: kata", [.hostExecution]),
        ("annotations: {a: b}", [.hostExecution]),
        ("use_api_socket: true", [.hostExecution]),
        ("provider: {type: x}", [.hostExecution]),
        ("storage_opt: {size: 1G}", [.limits]),
        ("volumes: ['/:/h']", [.bindPath]),
        ("volumes: ['/var/run/docker.sock:/s']", [.bindPath]),
        ("volumes: ['/global/astro/../bio:/d']", [.bindPath]),
        ("volumes: [{type: bind, source: /etc, target: /e}]", [.bindPath]),
        ("volumes: ['/global/astro:/d']", [.bindIdentity]),
        ("volumes_from: ['container:bio_db_1']", [.externalReference, .bindIdentity]),
        ("tmpfs: [/proc]", [.mountTarget]),
        ("working_dir: /proc/self/fd/7", [.mountTarget]),
        ("image: quay.io/x/y", [.image]),
        ("ports: ['80:80']", [.port]),
        ("ports: [8080]", [.port]),
        ("mem_limit: 9g", [.limits]),
        ("pids_limit: 5000", [.limits]),
        ("shm_size: 9g", [.limits]),
        ("oom_kill_disable: true", [.limits]),
        ("ulimits: {nofile: 2000000}", [.limits]),
        ("scale: 21", [.limits]),
        ("deploy: {mode: global}", [.limits]),
        ("deploy: {placement: {constraints: ['node.role == manager']}}", [.placement]),
        ("labels: {com.docker.compose.project: bio}", [.labelOwnership]),
        (
            "labels: {traefik.http.routers.astro.rule: 'Host(`bio.example.org`)'}",
            [.labelRouting]
        ),
        ("container_name: bio_db_1", [.nameCollision]),
        ("logging: {driver: syslog}", [.logging]),
        ("extra_hosts: ['h:host-gateway']", [.network]),
        ("post_start: [{command: x}]", [.hook]),
        ("build: .", [.build]),
        ("healthcheck: {test: 'true', interval: 1ms}", [.limits]),
        ("pull_policy: build", [.build]),
        ("pre_start: [{command: x, image: quay.io/x/y}]", [.hook]),
        ("pre_stop: [{command: x, privileged: true}]", [.hook]),
        ("isolation: hyperv", [.hostExecution]),
        ("models: [m]", [.hostExecution]),
        ("volumes: [{type: image, source: quay.io/x/y, target: /i}]", [.image]),
        ("volumes: [{type: npipe, source: a, target: /b}]", [.bindPath]),
        ("volumes: [{type: cluster, source: a, target: /b}]", [.bindPath]),
        ("volumes: ['~/x:/h']", [.bindPath]),
        ("volumes: ['../../x:/h:ro']", [.bindPath]),
        ("volumes: ['${HOME}/x:/h']", [.bindPath]),
        ("volumes: ['/global/astronomy:/d:ro']", [.bindPath]),
        ("volumes: ['//:/h']", [.bindPath]),
        ("volumes: ['/proc/1/root:/h']", [.bindPath]),
        ("volumes: ['/data:/sys/fs']", [.mountTarget]),
        ("volumes: ['p:/proc']", [.mountTarget]),
        ("volumes: ['/global/astro/d:/d:z']", [.bindOption]),
        (
            "volumes: [{type: bind, source: /global/astro/d, target: /d, bind: {pro"
                + "pagation: rshared}}]",
            [.bindOption]
        ),
        (
            "volumes: [{type: bind, source: /global/astro/d, target: /d, bind: {rec"
                + "ursive: writable}}]",
            [.bindOption]
        ),
        (
            "volumes: [{type: bind, source: /global/astro/d, target: /d, bind: {selinux: Z}}]",
            [.bindOption]
        ),
        ("cpu_rt_runtime: 95000", [.limits]),
        ("memswap_limit: -1", [.limits]),
        ("oom_score_adj: -500", [.limits]),
    ]

    /// The other.
    private static let second: [OfService] = [
        ("deploy: {resources: {limits: {memory: 9g}}}", [.limits]),
        ("deploy: {resources: {limits: {pids: 5000}}}", [.limits]),
        ("deploy: {replicas: 21}", [.limits]),
        ("cgroup_parent: ../x", [.limits]),
        ("healthcheck: {test: x, start_interval: 1ms}", [.limits]),
        ("tmpfs: ['/t:size=99g']", [.limits]),
        ("mem_limit: 99999999999999999999", [.limits]),
        ("deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}", [.device]),
        ("devices: ['vendor.com/class=x']", [.device]),
        ("devices: ['/dev/mem:/dev/null']", [.device]),
        ("external_links: [bio_db_1]", [.externalReference]),
        ("links: [bio_db]", [.externalReference]),
        ("volumes_from: [bio_db]", [.externalReference]),
        ("network_mode: 'container:bio'", [.namespace]),
        ("pid: 'container:bio'", [.namespace]),
        ("label_file: ../../x", [.fileEscape]),
        ("label_file: /etc/passwd", [.fileEscape]),
        ("env_file: /etc/passwd", [.fileEscape]),
        ("env_file: ../../x", [.fileEscape]),
        ("env_file: .git/config", [.fileEscape]),
        ("extends: {file: /etc/x.yaml, service: a}", [.fileEscape]),
        ("extends: {file: ../../x.yaml, service: a}", [.fileEscape]),
        ("credential_spec: {file: c.json}", [.fileEscape]),
        ("extends: {file: 'https://evil.example/x.yaml', service: a}", [.remoteSource]),
        ("extends: {file: 'git@evil.example:x/y.git', service: a}", [.remoteSource]),
        ("labels: {a: \"x\\e[31m\"}", [.injection]),
        ("labels: {a: \"x\\ny\"}", [.injection]),
        ("container_name: 'a; id'", [.injection]),
        ("container_name: --privileged", [.injection]),
        ("hostname: 'a;b'", [.injection]),
        ("labels: ['traefik.HTTP.routers.astro.rule=PathPrefix(`/`)']", [.labelRouting]),
        (
            "labels: {traefik.http.routers.a.rule: 'Host(`astro.example.org`) || Ho"
                + "st(`bio.example.org`)'}",
            [.labelRouting]
        ),
        ("labels: {traefik.tcp.routers.astro.rule: 'HostSNI(`*`)'}", [.labelRouting]),
        (
            "deploy: {labels: {traefik.http.routers.x.rule: 'Host(`bio.example.org`)'}}",
            [.labelRouting]
        ),
        ("labels: {io.gyre.stack: bio}", [.labelOwnership]),
        ("labels: {com.docker.stack.namespace: bio}", [.labelOwnership]),
        ("deploy: {labels: {com.docker.stack.namespace: bio}}", [.labelOwnership]),
        ("ports: ['1.2.3.4:80:80']", [.port]),
        ("ports: ['30000-32768:80']", [.port]),
        ("ports: [{target: 80, published: '80'}]", [.port]),
        ("ports: [{target: 80, mode: host, published: '443'}]", [.port]),
        ("cap_add: [CAP_SYS_ADMIN]", [.capability]),
        ("cap_add: [sys_admin]", [.capability]),
        ("cap_add: [' SYS_ADMIN']", [.capability]),
        ("security_opt: ['apparmor=unconfined']", [.securityOption]),
        ("security_opt: ['no-new-privileges:false']", [.securityOption]),
        ("security_opt: ['systempaths=unconfined']", [.securityOption]),
        ("security_opt: ['label:disable']", [.securityOption]),
        ("security_opt: ['seccomp=./x.json']", [.securityOption]),
        ("security_opt: ['writable-cgroups=true']", [.securityOption]),
        ("sysctls: ['net.ipv4.ip_forward=1']", [.sysctl]),
        ("sysctls: {kernel.core_pattern: x}", [.sysctl]),
        ("privileged: 'yes'", [.privilege]),
        ("privileged: on", [.privilege]),
        ("tmpfs: ['/dev/x']", [.mountTarget]),
        ("working_dir: /sys", [.mountTarget]),
        ("image: docker.io.evil/x", [.image]),
        ("image: ghcr.io/astro-lab-x/y", [.image]),
        ("image: localhost:5000/x", [.image]),
        ("image: 'nginx@sha256:zz'", [.image]),
        ("logging: {driver: fluentd, options: {fluentd-address: 'x:1'}}", [.logging]),
        ("logging: {driver: none}", [.logging]),
        ("logging: {driver: json-file, options: {max-size: 99g}}", [.logging]),
        ("build: {context: ., ssh: [default]}", [.build]),
        ("build: {context: 'https://x/y.git', entitlements: [security.insecure]}", [.build]),
        ("runtime: io.containerd.kata.v2", [.hostExecution]),
        ("unknown_attribute: 1", [.malformed]),
    ]

    static let ofServices = first + second

    /// What stands beside services.
    static let ofFiles: [OfFile] = [
        (
            "volumes: {vol: {driver_opts: {type: none, o: bind, device: /etc}}}",
            "volumes: ['vol:/d']",
            [.volumeDriver]
        ),
        (
            "volumes: {vol: {driver_opts: {type: nfs, o: 'addr=10.0.0.1', device: ':/x'}}}",
            "volumes: ['vol:/d']",
            [.volumeDriver]
        ),
        ("volumes: {vol: {driver: sshfs}}", "volumes: ['vol:/d']", [.volumeDriver]),
        ("volumes: {vol: {external: true}}", "volumes: ['vol:/d']", [.externalReference]),
        ("volumes: {vol: {name: bio_db_data}}", "volumes: ['vol:/d']", [.externalReference]),
        (
            "volumes: {vol: {labels: {com.docker.compose.project: bio}}}",
            "volumes: ['vol:/d']",
            [.labelOwnership]
        ),
        ("volumes: {vol: {}}", "volumes: ['vol:/sys']", [.mountTarget]),
        (
            "volumes: {vol: {}}",
            "volumes: [{type: volume, source: vol, target: /d, volume: {subpath: ../x}}]",
            [.mountTarget]
        ),
        ("networks: {n: {external: true}}", "networks: [n]", [.externalReference]),
        ("networks: {n: {name: bio_default}}", "networks: [n]", [.externalReference]),
        ("networks: {n: {name: host, external: true}}", "networks: [n]", [.externalReference]),
        (
            "networks: {default: {external: true, name: bio_default}}",
            "init: true",
            [.externalReference]
        ),
        ("networks: {n: {driver: macvlan}}", "networks: [n]", [.network]),
        ("networks: {n: {driver: host}}", "networks: [n]", [.network]),
        (
            "networks: {n: {driver_opts: {com.docker.network.bridge.name: docker0}}}",
            "networks: [n]",
            [.network]
        ),
        (
            "networks: {n: {ipam: {config: [{subnet: 169.254.0.0/16}]}}}",
            "networks: [n]",
            [.network]
        ),
        ("networks: {n: {ipam: {driver: x}}}", "networks: [n]", [.network]),
        ("networks: {n: {labels: {io.gyre.stack: bio}}}", "networks: [n]", [.labelOwnership]),
        ("configs: {c: {file: /etc/passwd}}", "configs: [c]", [.fileEscape]),
        ("configs: {c: {file: ../../x}}", "configs: [c]", [.fileEscape]),
        ("configs: {c: {file: .git/config}}", "configs: [c]", [.fileEscape]),
        ("configs: {c: {environment: HOME}}", "configs: [c]", [.environmentLeak]),
        (
            "configs: {c: {content: x}}",
            "configs: [{source: c, target: /proc/x}]",
            [.mountTarget]
        ),
        (
            "configs: {c: {content: x}}",
            "configs: [{source: c, target: ../../dev/x}]",
            [.mountTarget]
        ),
        ("configs: {c: {external: true}}", "configs: [c]", [.externalReference]),
        ("secrets: {s: {file: /etc/shadow}}", "secrets: [s]", [.fileEscape]),
        ("secrets: {s: {environment: PATH}}", "secrets: [s]", [.environmentLeak]),
        ("secrets: {s: {external: true, name: bio_key}}", "secrets: [s]", [.externalReference]),
        ("secrets: {s: {driver: vault}}", "secrets: [s]", [.fileEscape]),
        ("include: ['https://evil.example/x.yaml']", "init: true", [.remoteSource]),
        ("include: ['git@evil.example:x/y.git']", "init: true", [.remoteSource]),
        ("include: ['oci://evil.example/x']", "init: true", [.remoteSource]),
        ("include: [../../x.yaml]", "init: true", [.fileEscape]),
        ("include: [{path: more.yaml, project_directory: /}]", "init: true", [.fileEscape]),
        ("include: [{path: more.yaml, env_file: /etc/passwd}]", "init: true", [.fileEscape]),
        ("models: {m: {model: x}}", "models: [m]", [.hostExecution]),
    ]
}
