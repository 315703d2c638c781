import Model
import Planning
import Testing

/// What services ask of their node, against what it is.
@Suite struct NodeNeedsTests {
    private static let node = NodeFacts(
        id: "ABCD",
        name: "One",
        os: "linux",
        architecture: "amd64",
        labels: ["tier": "web", "Disk": "ssd"],
        apiVersion: APIVersion(1, 41)
    )

    private func findings(_ edit: (inout Service) -> Void) throws -> [Diagnostic]? {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        var service = try #require(stack.services["web"])
        edit(&service)
        stack.services["web"] = service
        return NodeNeeds(of: stack)?.findings(on: Self.node)
    }

    @Test func nothingIsAskedOfItByMost() throws {
        #expect(try findings { $0.user = "1" } == nil)
    }

    @Test(arguments: [
        ("linux/amd64", true), ("linux", true), ("amd64", true), ("linux/x86_64", true),
        ("Linux/AMD64", true), ("linux/amd64/v2", true), ("linux/arm64", false),
        ("linux/386", false), ("windows/amd64", false), ("arm64", false), ("linux//", false),
        ("linux/amd64/v2/x", false),
    ])
    func platforms(text: String, fits: Bool) throws {
        let found = try #require(try findings { $0.platform = text })
        #expect(found.isEmpty == fits, "\(found)")
        #expect(found.allSatisfy { $0.code == "node-unfit" })
        #expect(found.allSatisfy { $0.field == FieldPath("services", "web", "platform") })
    }

    @Test(
        arguments: [
            ("node.labels.tier==web", nil), ("node.labels.tier == WEB", nil),
            ("engine.labels.tier==web", nil), ("node.labels.Disk != hdd", nil),
            ("node.labels.zone!=a", nil), ("NODE.hostname==one", nil), ("node.id==abcd", nil),
            ("node.platform.os==linux", nil), ("node.platform.arch == amd64", nil),
            ("node.labels.tier!=web", "its node.labels.tier is web, and not web is wanted"),
            ("node.labels.tier==db", "its node.labels.tier is another, and db is wanted"),
            ("node.hostname==two", "its node.hostname is another, and two is wanted"),
            ("node.platform.os==windows", "its node.platform.os is linux, and windows is wanted"),
            ("node.labels.zone==a", "it has no node.labels.zone, and a is wanted"),
            ("node.labels.disk==ssd", "it has no node.labels.disk, and ssd is wanted"),
            ("node.role==manager", "it has no node.role, and manager is wanted"),
            ("node.labels.==x", "is no constraint"), ("node.tier==x", "is no constraint"),
            ("tier", "is no constraint"), ("==", "is no constraint"), ("", "is no constraint"),
        ] as [(String, String?)]
    )
    func constraints(text: String, objection: String?) throws {
        let found = try #require(try findings { $0.placement = [text] })
        #expect(found.count == (objection == nil ? 0 : 1))
        #expect(found.first?.message.contains(objection ?? "") ?? true, "\(found)")
    }

    /// What says nothing more than the engine would do is not asked of it.
    @Test func aCheckThatIsOffAsksForNothing() throws {
        #expect(
            try findings {
                $0.healthcheck = .init(test: ["NONE"])
                $0.healthcheck?.startInterval = .seconds(1)
            } == nil
        )
        #expect(
            try findings {
                $0.healthcheck = .init(test: ["CMD", "true"])
                $0.healthcheck?.startInterval = .seconds(0)
            } == nil
        )
    }

    @Test func networksWithoutIPv4NeedANewerEngine() throws {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.networks["default"] = Stack.Network(name: "default")
        stack.networks["default"]?.hasIPv4 = true
        #expect(NodeNeeds(of: stack) == nil)
        stack.networks["default"]?.hasIPv4 = false
        let needs = try #require(NodeNeeds(of: stack))
        var node = Self.node
        let found = needs.findings(on: node)
        #expect(found.map(\.field?.description) == ["networks.default.enable_ipv4"])
        node.apiVersion = APIVersion(1, 48)
        #expect(needs.findings(on: node).isEmpty)
    }

    /// A Swarm places tasks itself; what it would drop it drops as its managers do.
    @Test func aSwarmOfAnOlderAPIDropsTheSame() throws {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.services["web"]?.placement = ["node.labels.tier == none"]
        stack.services["web"]?.healthcheck = .init(test: ["CMD", "true"])
        stack.services["web"]?.healthcheck?.startInterval = .seconds(1)
        let needs = try #require(NodeNeeds(of: stack))
        let found = needs.findings(ofSwarm: APIVersion(1, 43))
        #expect(found.map(\.field?.description) == ["services.web.healthcheck.start_interval"])
        #expect(needs.findings(ofSwarm: APIVersion(1, 44)).isEmpty)
    }

    @Test func partsOfVolumesNeedANewerEngine() throws {
        var mount = Mount(source: .volume(key: "data"), target: "/data")
        mount.options.subpath = "a/b"
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.services["web"]?.volumes = [mount]
        var node = Self.node
        let needs = try #require(NodeNeeds(of: stack))
        #expect(needs.findings(on: node).map(\.field?.description) == ["services.web.volumes[0]"])
        node.apiVersion = APIVersion(1, 45)
        #expect(needs.findings(on: node).isEmpty)
    }

    /// By edits of a service: the attribute that older engines drop, and the API that brought it.
    private static let later: [(String, APIVersion, @Sendable (inout Service) -> Void)] = [
        ("annotations", APIVersion(1, 43), { $0.annotations = ["a": "b"] }),
        (
            "healthcheck.start_interval", APIVersion(1, 44),
            { service in
                service.healthcheck = .init(test: ["CMD", "true"])
                service.healthcheck?.startInterval = .seconds(1)
            }
        ),
        ("mac_address", APIVersion(1, 44), { $0.macAddress = "02:42:ac:11:65:43" }),
        (
            "networks.default.mac_address", APIVersion(1, 44),
            { $0.networks["default", default: .init()].macAddress = "02:42:ac:11:65:43" }
        ),
        (
            "networks.default.gw_priority", APIVersion(1, 48),
            { $0.networks["default", default: .init()].gatewayPriority = -1 }
        ),
        (
            "networks.default.interface_name", APIVersion(1, 49),
            { $0.networks["default", default: .init()].interfaceName = "eth7" }
        ),
        (
            "volumes[0].bind.recursive", APIVersion(1, 44),
            { service in
                var mount = Mount(source: .bind(path: "/a"), target: "/a", readOnly: true)
                mount.options.recursion = "readonly"
                service.volumes = [mount]
            }
        ),
    ]

    @Test(arguments: later.indices)
    func attributesThatOlderEnginesDrop(index: Int) throws {
        let (field, since, edit) = Self.later[index]
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        var service = try #require(stack.services["web"])
        edit(&service)
        stack.services["web"] = service
        let needs = try #require(NodeNeeds(of: stack))
        var node = Self.node
        let found = needs.findings(on: node)
        #expect(found.map(\.code) == ["node-unfit"])
        #expect(found.first?.field?.description == "services.web.\(field)")
        node.apiVersion = since
        #expect(needs.findings(on: node).isEmpty)
    }

    @Test func oneEngineKeepsNoSecrets() throws {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.secrets["key"] = .init(name: "astro_key", origin: .external)
        stack.configs["conf"] = .init(name: "astro_conf", origin: .external)
        #expect(NodeNeeds(of: stack) == nil)
        stack.services["web"]?.secrets = [.init(source: "key")]
        stack.services["web"]?.configs = [.init(source: "conf")]
        let found = try #require(NodeNeeds(of: stack)).findings(on: Self.node)
        #expect(
            found.map(\.field?.description) == ["configs.conf.external", "secrets.key.external"]
        )
    }
}
