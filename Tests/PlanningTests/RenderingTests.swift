import Admission
import Model
import Planning
import TestSupport
import Testing

/// What is sent to the engine, as golden text.
@Suite struct RenderingTests {
    @Test func aServiceThatUsesEveryAttribute() throws {
        let desired = try FullService.desired()
        let slot = Slot(service: "full", number: 2)
        let spec = ContainerSpec(slot: slot, name: "astro-full-2", of: desired, owner: "gyre-1")
        let networks = spec.furtherNetworks.map {
            "further network \($0.network): \($0.endpoint.text)"
        }
        let text = ([spec.body.indented()] + networks).joined(separator: "\n")
        expectSnapshot(text, named: "create-body-full")
    }

    /// Else the engine would make a directory of root's on a file system of others.
    @Test func onlyAnOperatorsOwnBindsAreMadeByTheEngine() throws {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.services["web"]?.volumes = [
            Mount(source: .bind(path: "/srv/data"), target: "/data"),
            Mount(source: .bind(path: "/srv/more"), target: "/more", readOnly: true),
        ]
        var tenant = TenantPolicy(
            grants: Grants(mounts: [MountGrant(path: "/srv", isShared: false)])
        )
        let slot = Slot(service: "web", number: 1)
        for profile in [TenantPolicy.Profile.restricted, .baseline, .privileged] {
            tenant.profile = profile
            let admitted = try Policy(tenant).admit(stack)
            let desired = Desired(admitted: admitted, commit: "1", pins: [:])
            let body = ContainerSpec(slot: slot, name: "x", of: desired, owner: "c").body
            let binds = body["HostConfig"]?["Binds"]?.arrayValue ?? []
            let mounts = body["HostConfig"]?["Mounts"]?.arrayValue ?? []
            let isOwn = profile == .privileged
            #expect(binds == (isOwn ? ["/srv/data:/data:rw", "/srv/more:/more:ro"] : []))
            #expect(mounts.count == (isOwn ? 0 : 2))
            #expect(mounts.allSatisfy { $0["BindOptions"] == nil })
        }
    }

    /// Whatever lets a bind pass, its directory is not made.
    @Test func leaveMakesNoDirectories() throws {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.services["web"]?.volumes = [Mount(source: .bind(path: "/srv/data"), target: "/data")]
        var tenant = TenantPolicy(
            grants: Grants(mounts: [MountGrant(path: "/srv", isShared: false)])
        )
        tenant.audited = ["bind-option"]
        let admitted = try Policy(tenant).admit(stack)
        let desired = Desired(admitted: admitted, commit: "1", pins: [:])
        let slot = Slot(service: "web", number: 1)
        let body = ContainerSpec(slot: slot, name: "x", of: desired, owner: "c").body
        #expect(body["HostConfig"]?["Binds"] == nil)
        #expect(body["HostConfig"]?["Mounts"]?.arrayValue?.count == 1)
    }

    /// They tell of the project that built it.
    @Test func whatComposeLeftInAnImageIsEmptied() throws {
        let desired = try Rehearsal().desired(
            try Gateway.stack(["web": Service(image: "httpd")]),
            commit: ""
        )
        let slot = Slot(service: "web", number: 1)
        let spec = ContainerSpec(slot: slot, name: "web-1", of: desired, owner: "c")
        let labels = [
            "com.docker.compose.version": "2", "com.docker.compose.project": "bio", "a": "b",
        ]
        let pin = ImagePin(
            reference: "httpd",
            imageID: "sha256:1",
            digest: nil,
            config: ImageConfig(labels: labels)
        )
        let request = EngineRequest(
            .createContainer(spec),
            in: StepContext(pin: pin, claim: "t", controller: "c")
        )
        let body = try #require(request?.body)
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""com.docker.compose.version":"""#))
        #expect(!text.contains("bio") && !text.contains(#""a":"#))
    }

    @Test func theAddressOfACardIsThatOfTheFirstNetwork() throws {
        var stack = try Gateway.stack(["web": Service(image: "httpd")])
        stack.services["web"]?.macAddress = "02:42:ac:11:65:43"
        stack.services["web"]?.networks = ["back": .init(), "front": .init()]
        let joined = ContainerSpec.attachments(of: "web", in: stack)
        let addresses = joined.map { $0.endpoint["MacAddress"]?.stringValue }
        #expect(addresses == ["02:42:ac:11:65:43", nil])
    }

    @Test func aServiceThatSaysNothing() throws {
        let stack = try Gateway.stack(["web": Service(image: "httpd")])
        let desired = try Rehearsal().desired(stack, commit: "")
        let slot = Slot(service: "web", number: 1)
        let spec = ContainerSpec(slot: slot, name: "web-1", of: desired, owner: "gyre-1")
        expectSnapshot(spec.body.indented(), named: "create-body-minimal")
    }

    @Test func tenantLabelsDoNotReplaceOurs() throws {
        var web = Service(image: "httpd")
        web.labels = ["org.example.team": "red"]
        let stack = try Gateway.stack(["web": web])
        let desired = try Rehearsal().desired(stack, commit: "")
        let slot = Slot(service: "web", number: 1)
        let labels = ContainerSpec(slot: slot, name: "x", of: desired, owner: "c").body["Labels"]
        #expect(labels?["org.example.team"] == "red")
        #expect(labels?[Labels.controller] == "c")
        #expect(labels?[Labels.run] == "service")
        #expect(labels?[Labels.filled] == "memory=536870912,pids=512")
    }

    @Test(arguments: [(0, 0), (1, 1), (1_000_000_000, 1), (1_500_000_000, 2)])
    func stopTimeoutsAreRoundedUp(nanoseconds: Int64, seconds: Int64) throws {
        var web = Service(image: "httpd")
        web.stopGracePeriod = Nanoseconds(nanoseconds)
        let desired = try Rehearsal().desired(try Gateway.stack(["web": web]), commit: "")
        let slot = Slot(service: "web", number: 1)
        let body = ContainerSpec(slot: slot, name: "x", of: desired, owner: "c").body
        #expect(body["StopTimeout"] == .int(seconds))
    }

    /// One line for each kind of step.
    @Test func requests() throws {
        let slot = Slot(service: "web", number: 1)
        let web = ContainerRef(slot: slot, id: "abc", name: "web-1")
        let network = ObjectRef(id: "n1", name: "net")
        let digest = "httpd@sha256:" + String(repeating: "a", count: 64)
        let desired = try Rehearsal().desired(try Gateway.replicated(), commit: "")
        let spec = ContainerSpec(slot: slot, name: "web-1", of: desired, owner: "c")
        let limits = ObservedContainer.Limits(
            nanoCPUs: 1,
            memory: 2,
            memoryReservation: 3,
            pids: 4,
            restart: .onFailure(retries: 5)
        )
        let operations: [Model.Operation] = [
            .pullImage(.init(services: ["web"], reference: "httpd", digest: nil)),
            .pullImage(.init(services: ["web"], reference: "example.org:5000/a/b:1", digest: nil)),
            .pullImage(.init(services: ["web"], reference: "httpd:2", digest: digest)),
            .createNetwork(
                .init(key: "a", network: .init(name: "p_a", isInternal: true, labels: ["k": "v"]))
            ),
            .removeNetwork(network),
            .createVolume(.init(key: "d", volume: .init(name: "p_d", labels: ["k": "v"]))),
            .createContainer(spec),
            .connect(web, .init(network: "a/../b c", aliases: ["web"], links: ["x-1:y"])),
            .disconnect(web, network: network), .start(web), .unpause(web),
            .stop(web, grace: nil), .stop(web, grace: .milliseconds(1500)),
            .restart(web, grace: .seconds(90)),
            .update(web, limits), .rename(web, to: "web-2"), .remove(web), .wait(web, .stable),
        ]
        let context = StepContext(
            container: "abc",
            pin: ImagePin(reference: "httpd:2", imageID: "sha256:1", digest: digest),
            claim: "token",
            controller: "c"
        )
        let lines = operations.map { operation in
            EngineRequest(operation, in: context)?.line ?? "\(operation): no request"
        }
        expectSnapshot(lines.joined(separator: "\n"), named: "requests")
    }

    @Test func aStepOnAContainerThatIsNotKnownMakesNoRequest() {
        let web = ContainerRef(slot: Slot(service: "web", number: 1), id: nil, name: "web-1")
        #expect(EngineRequest(.start(web), in: StepContext(controller: "c")) == nil)
    }
}

extension EngineRequest {
    fileprivate var line: String {
        let query = query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let body = body.map { " " + String(decoding: $0, as: UTF8.self) } ?? ""
        let target = target.map { " [\($0)]" } ?? ""
        let place = query.isEmpty ? path : path + "?" + query
        return "\(action.rawValue)\(target): \(method) \(place)\(body)"
    }
}

extension JSON {
    /// One member a line, for people.
    func indented(by depth: Int = 0) -> String {
        let space = String(repeating: "  ", count: depth)
        switch self {
        case .object(let members) where !members.isEmpty:
            return members.sorted { $0.key < $1.key }.map { key, value in
                switch value {
                case .object(let inner) where !inner.isEmpty:
                    "\(space)\(key):\n\(value.indented(by: depth + 1))"
                default: "\(space)\(key): \(value.text)"
                }
            }.joined(separator: "\n")
        default: return space + text
        }
    }
}
