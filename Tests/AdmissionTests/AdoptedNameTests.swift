import Admission
import Model
import Testing

/// Names of stacks that were taken over under what Compose called them.
@Suite struct AdoptedNameTests {
    /// The project's other stack may be the one that was taken over.
    private static func tenant(_ adopted: [String: String] = ["astro": "old"]) -> TenantPolicy {
        var tenant = Astro.tenant
        tenant.adopted = adopted
        return tenant
    }

    private static func stack(_ project: String, _ name: String) throws -> Stack {
        var stack = Astro.stack
        stack.id = try StackID(project: project, stack: name)
        let own = stack.id.composeProjectName
        stack.networks = ["default": Stack.Network(name: "\(own)_default")]
        stack.volumes = [:]
        return stack
    }

    @Test func theNamesThatItHadAreItsOwn() {
        var stack = Astro.stack { $0.containerName = "old-web" }
        stack.adoptedName = "old"
        stack.networks = ["default": Stack.Network(name: "old_default")]
        stack.volumes = [:]
        #expect(Astro.denials(of: stack, by: Policy(Self.tenant())).isEmpty)
        #expect(Astro.denials(of: stack) == ["own-name", "name-claimed"])
        #expect(
            Astro.denials(of: stack, by: Policy(Self.tenant(["web": "old"]))).contains("own-name")
        )
        var body = GateFixture.body
        body.set("Labels", Labels.Compose.project, to: "old")
        let create = GateFixture.create(body, name: "old-web")
        #expect(GateFixture.refusal(of: create, by: GateFixture.gate(Self.tenant())) == nil)
        #expect(GateFixture.refusal(of: create) != nil)
    }

    /// Another stack of the project names what is there as it names all of the project's.
    @Test(arguments: ["old_default", "astro_default"])
    func stacksOfTheProjectMayUseThem(name: String) throws {
        var stack = try Self.stack("astro", "web")
        stack.networks["theirs"] = Stack.Network(name: name)
        stack.networks["theirs"]?.isExternal = true
        stack.services["web"]?.networks["theirs"] = Service.Attachment(aliases: ["front"])
        #expect(Astro.denials(of: stack, by: Policy(Self.tenant())).isEmpty)
        let isDerived = name.hasPrefix("astro_")
        #expect(Astro.denials(of: stack).contains("own-name") == !isDerived)
        // What begins like it and isn't below it is a stranger's, and none may be made.
        stack.networks["theirs"]?.name = "older_default"
        #expect(Astro.denials(of: stack, by: Policy(Self.tenant())).contains("own-name"))
        stack.networks["theirs"] = Stack.Network(name: "old_default")
        #expect(Astro.denials(of: stack, by: Policy(Self.tenant())).contains("own-name"))
    }

    @Test func theGateKnowsThemToo() {
        func refusal(_ tenant: TenantPolicy, _ edit: (inout JSON) -> Void) -> GateCheck? {
            let externals = Stack.ExternalNames(networks: ["old_default"], volumes: ["old_data"])
            let gate = GateFixture.gate(tenant, externals: externals)
            return GateFixture.refusal(of: GateFixture.create(edit), by: gate)
        }
        let mounting: (inout JSON) -> Void = {
            $0.set("User", to: nil)
            $0.set("HostConfig", "Mounts", to: nil)
            $0.set("HostConfig", "Binds", to: ["old_data:/d:rw"])
        }
        let joining: (inout JSON) -> Void = {
            $0.set("HostConfig", "NetworkMode", to: "old_default")
            let aliases: JSON = ["old_default": ["Aliases": ["front"]]]
            $0.set("NetworkingConfig", "EndpointsConfig", to: aliases)
        }
        for edit in [mounting, joining] {
            #expect(refusal(Self.tenant(["web": "old"]), edit) == nil)
            #expect(refusal(Astro.tenant, edit) != nil)
        }
    }

    /// Of two names that begin alike the longer one has what it begins; of two that are one, the
    /// stack that was taken over.
    @Test(arguments: [
        ("old", "old", true), ("old", "web", true), ("old-x", "old-x", false),
        ("astro", "astro", false),
    ])
    func noOtherProjectHasThem(project: String, name: String, isDenied: Bool) throws {
        var tenant = TenantPolicy(grants: Astro.grants)
        tenant.meet(["old"], as: project)
        let stack = try Self.stack(project, name)
        let denials = Astro.denials(of: stack, by: Policy(tenant))
        #expect(denials == (isDenied ? ["name-claimed"] : []))
        let gate = Gate(tenant, controller: "spin", stack: stack.id, claims: [GateFixture.claim])
        let network = GateFixture.createNetwork {
            $0.set("Name", to: .string("\(stack.id.composeProjectName)_default"))
            $0.set("Labels", Labels.project, to: .string(project))
            $0.set("Labels", Labels.stack, to: .string(name))
        }
        #expect(GateFixture.refusal(of: network, by: gate) == (isDenied ? .name : nil))
    }

    /// A project whose name is longer than what was taken over keeps its names as well.
    @Test func theStackThatWasTakenOverHasNoLongerNames() {
        var tenant = Self.tenant()
        tenant.meet(["old-x", "astro-y"], as: "astro")
        #expect(tenant.neighbours == ["old-x", "astro-y"])
        func denials(_ name: String) -> Set<String> {
            var stack = Astro.stack { $0.containerName = name }
            stack.adoptedName = "old"
            return Astro.denials(of: stack, by: Policy(tenant))
        }
        #expect(denials("old-web-1").isEmpty)
        #expect(denials("old-x-web-1") == ["name-claimed"])
    }

    /// A beginning that is granted makes nothing of a stack's that a sibling was taken over under.
    @Test func siblingsKeepThemFromEachOther() throws {
        var tenant = Self.tenant(["astro": "old", "web": "astro"])
        tenant.grants.names = ["ol"]
        var stack = try Self.stack("astro", "api")
        stack.services["web"]?.containerName = "olive"
        #expect(Astro.denials(of: stack, by: Policy(tenant)).isEmpty)
        stack.services["web"]?.containerName = "old-web-1"
        #expect(Astro.denials(of: stack, by: Policy(tenant)) == ["name-claimed"])
    }

    @Test func onlyWhatBeginsAlikeIsMet() {
        var tenant = TenantPolicy()
        tenant.adopted = ["a": "old"]
        tenant.grants.names = ["data_"]
        tenant.meet(
            ["shop-x", "shopx", "old", "old-y", "old_z", "older", "data", "datax", "other", "ol"],
            as: "shop"
        )
        #expect(tenant.neighbours == ["shop-x", "old-y", "old_z", "data"])
    }
}
