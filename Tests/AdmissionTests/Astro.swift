import Admission
import Model

/// The tenant of these tests: the project `astro` with a stack of its name.
enum Astro {
    static let id = makeID()
    static let tenant = makeTenant()
    static let policy = Policy(tenant)

    static let grants = makeGrants()

    private static func makeTenant() -> TenantPolicy {
        var tenant = TenantPolicy(grants: grants)
        tenant.neighbours = ["astro-y"]
        tenant.quotas = Quota(nanoCPUs: 100_000_000_000)
        tenant.siblings = ["astro", "web"]
        return tenant
    }

    private static let base = Grants(
        mounts: [
            MountGrant(path: "/global/astro"),
            MountGrant(path: "/global/common", readOnly: true),
            MountGrant(path: "/scratch/astro", isShared: false),
        ],
        registries: ["docker.io/library", "registry.example.org/astro", "ghcr.io/astro-lab"],
        uids: [40000...49999],
        gids: [5000...5000],
        ports: [30000...32767],
        sharedCapabilities: []
    )

    private static func makeGrants() -> Grants {
        var grants = base
        grants.hosts = ["astro.example.org"]
        grants.routes = "astro"
        grants.subnets = ["172.28.0.0/16"]
        grants.publicPorts = [32000...32010]
        grants.quota = Quota(volumes: 10, networks: 10)
        grants.shared = ["bio_public"]
        grants.reservedLabels = ["controller.example.org/"]
        return grants
    }

    private static func makeID() -> StackID {
        guard let id = try? StackID(project: "astro", stack: "astro") else {
            preconditionFailure("astro is a name")
        }
        return id
    }

    /// A stack that every rule admits as it is: one service with its limits, a network, a volume.
    static var stack: Stack {
        var service = Service(image: "nginx:1.27-alpine")
        service.resources.memory = .mebibytes(256)
        service.resources.pids = 128
        service.networks = ["default": Service.Attachment()]
        return Stack(
            id: id,
            files: ["compose.yaml"],
            services: ["web": service],
            networks: ["default": Stack.Network(name: "astro_default")],
            volumes: ["data": Stack.Volume(name: "astro_data")]
        )
    }

    static func stack(_ edit: (inout Service) -> Void) -> Stack {
        var stack = Astro.stack
        if var web = stack.services["web"] {
            edit(&web)
            stack.services["web"] = web
        }
        return stack
    }

    /// The ids of the rules that object, or none.
    static func denials(of stack: Stack, by policy: Policy = policy) -> Set<String> {
        do {
            _ = try policy.admit(stack)
            return []
        } catch {
            return Set(error.diagnostics.filter { $0.severity == .error }.map(\.code))
        }
    }

    static func denials(_ edit: (inout Service) -> Void) -> Set<String> {
        denials(of: stack(edit))
    }

    static func bind(_ path: String, readOnly: Bool = false, to target: String = "/data") -> Mount {
        Mount(source: .bind(path: path), target: target, readOnly: readOnly)
    }
}
