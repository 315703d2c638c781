import Admission
import Model
import Planning
import Testing

/// The way of contents past the gate, and what looks like one.
@Suite struct GateContentTests {
    static let archive: [UInt8] = {
        let commit = Commit(id: "0", author: "", seconds: 0, message: "")
        let tree = Snapshot(commit: commit, entries: ["f": .file([1, 2, 3])])
        return (try? ContentArchive(of: "f", in: tree).bytes) ?? []
    }()
    static let file = Content(
        source: .tree(path: "f"),
        kind: .file,
        digest: SHA256Hex.of(archive),
        name: "./f"
    )
    static let folder = Content(
        source: .tree(path: "d"),
        kind: .folder,
        digest: SHA256Hex.of("folder"),
        name: "./d"
    )
    static func volume(_ content: Content) -> ContentVolume {
        ContentVolume(of: content, in: Astro.id, controller: "spin")
    }
    static let place = "/var/lib/docker/volumes/\(volume(file).name)/_data/content"
    static let emptyImage = "sha256:" + String(repeating: "e", count: 64)

    static func gate(places: [ContentVolume: String] = [volume(file): place]) -> Gate {
        Gate(
            Astro.tenant,
            controller: "spin",
            stack: Astro.id,
            owned: [
                GateFixture.container, GateFixture.network, "astro_data", volume(file).name,
                volume(folder).name,
            ],
            pins: [
                ImagePin(
                    reference: "nginx:1.27-alpine",
                    imageID: "sha256:0",
                    digest: GateFixture.pinned
                )
            ],
            claims: [GateFixture.claim],
            contents: GateContents(
                [volume(file): file, volume(folder): folder],
                places: places,
                emptyImage: emptyImage
            )
        )
    }

    private func refusal(of request: EngineRequest) -> GateCheck? {
        GateFixture.refusal(of: request, by: Self.gate())
    }

    // MARK: Mounts

    private static func mounting(_ mount: JSON) -> EngineRequest {
        GateFixture.create { $0.set("HostConfig", "Mounts", to: [mount]) }
    }

    private static func mount(
        _ content: Content,
        at place: String? = nil,
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> EngineRequest {
        let mount = ContentMount(content: content, volume: volume(content), target: "/x")
        var plain = GateFixture.body
        plain.set("HostConfig", "Mounts", to: nil)
        let context = StepContext(
            pin: ImagePin(reference: "nginx", imageID: "sha256:0", digest: GateFixture.pinned),
            claim: GateFixture.claim,
            controller: "spin",
            places: place.map { [volume(content): $0] } ?? [:]
        )
        let spec = ContainerSpec(
            slot: Slot(service: "web", number: 1),
            name: "astro-web-1",
            spec: "",
            image: "nginx",
            pin: nil,
            body: plain,
            furtherNetworks: [],
            contents: [mount]
        )
        let request = EngineRequest(.createContainer(spec), in: context)
        var body = request?.body.flatMap { try? JSON(parsing: $0) } ?? [:]
        edit(&body)
        return GateFixture.create(body)
    }

    @Test func contentsAreMounted() {
        #expect(refusal(of: Self.mount(Self.file)) == nil)
        #expect(refusal(of: Self.mount(Self.folder)) == nil)
        #expect(refusal(of: Self.mount(Self.file, at: Self.place)) == nil)
    }

    @Test func onlyForReadingAndAsTheyAre() {
        let edits: [(Content, [String], JSON?)] = [
            (Self.file, ["ReadOnly"], false), (Self.file, ["ReadOnly"], nil),
            (Self.file, ["VolumeOptions", "NoCopy"], false),
            (Self.file, ["VolumeOptions", "Subpath"], nil),
            (Self.file, ["VolumeOptions", "Subpath"], "../x"),
            (Self.folder, ["VolumeOptions", "Subpath"], "sub"),
            (Self.folder, ["VolumeOptions"], nil),
            (Self.folder, ["BindOptions"], [:]),
        ]
        for (content, path, value) in edits {
            let request = Self.mount(content) {
                $0.set((["HostConfig", "Mounts", "0"] + path)[...], to: value)
            }
            #expect(refusal(of: request) != nil, "\(path) \(value?.text ?? "-")")
        }
        let written = Self.mount(Self.file, at: Self.place) {
            $0.set("HostConfig", "Mounts", "0", "ReadOnly", to: false)
        }
        #expect(refusal(of: written) == .content)
        let reserved = Self.mount(Self.file) {
            $0.set("HostConfig", "Mounts", "0", "Target", to: "/proc")
        }
        #expect(refusal(of: reserved) == .target)
    }

    /// What a tenant would write to get at one, in whatever form.
    @Test(arguments: [
        "gyre.spin.astro.\(String(repeating: "0", count: 32))",
        "gyre.spin.bio.\(String(repeating: "0", count: 32))", "gyre.anything", "GYRE.spin.x",
    ])
    func noOtherVolumeOfThatName(name: String) {
        let mount: JSON = [
            "Type": "volume", "Source": .string(name), "Target": "/x", "ReadOnly": true,
            "VolumeOptions": ["NoCopy": true, "Subpath": "content"],
        ]
        #expect(refusal(of: Self.mounting(mount)) != nil)
        let bind = GateFixture.create {
            $0.set("HostConfig", "Binds", to: [.string("\(name):/x:ro")])
        }
        #expect(refusal(of: bind) != nil)
        let made = GateFixture.createVolume { $0.set("Name", to: .string(name)) }
        #expect(refusal(of: made) == .name)
    }

    /// Even its own content, in the form that tenants' volumes are mounted in.
    @Test func notAsAVolumeOfTheFile() {
        let name = Self.volume(Self.file).name
        for mode in ["ro", "rw"] {
            let bind = GateFixture.create {
                $0.set("HostConfig", "Binds", to: [.string("\(name):/x:\(mode)")])
            }
            #expect(refusal(of: bind) == .bind)
        }
    }

    @Test(arguments: [
        place + "/..", place + "/", String(place.dropLast("/content".count)), "/var/lib/docker",
        place.replacing("/content", with: "/other"), place.replacing("/var", with: "/srv/var"),
        "/" + place,
    ])
    func noOtherPathIsExempt(path: String) {
        for readOnly in [true, false] {
            let mount: JSON = [
                "Type": "bind", "Source": .string(path), "Target": "/x",
                "ReadOnly": .bool(readOnly),
            ]
            #expect(refusal(of: Self.mounting(mount)) == .bind, "\(path)")
        }
        let bind = GateFixture.create {
            $0.set("HostConfig", "Binds", to: [.string("\(path):/x:ro")])
        }
        #expect(refusal(of: bind) == .bind, "\(path)")
    }

    /// The exempt path itself is a bind like any other in the short form, and where no engine named
    /// it; an answer that names another volume's path exempts nothing.
    @Test func thePathIsExemptWhereTheEngineNamedIt() {
        let short = GateFixture.create {
            $0.set("HostConfig", "Binds", to: [.string("\(Self.place):/x:ro")])
        }
        #expect(refusal(of: short) == .bind)
        let request = Self.mount(Self.file, at: Self.place)
        #expect(GateFixture.refusal(of: request, by: Self.gate(places: [:])) == .bind)
        let wrong = [Self.volume(Self.file): "/etc/shadow"]
        let shadow = Self.mount(Self.file, at: "/etc/shadow")
        #expect(GateFixture.refusal(of: shadow, by: Self.gate(places: wrong)) == .bind)
        let other = [Self.volume(Self.folder): Self.place]
        #expect(GateFixture.refusal(of: request, by: Self.gate(places: other)) == .bind)
    }

    // MARK: Shipping

    static func ship(
        _ body: [UInt8] = archive,
        to name: String = volume(file).name,
        in container: String = GateFixture.container
    ) -> EngineRequest {
        var request = EngineRequest(
            .shipContent,
            "PUT",
            "/containers/\(container)/archive",
            query: [.init("path", "/" + name)],
            target: container
        )
        request.body = body
        return request
    }

    @Test func theBytesOfTheContentAreShipped() {
        #expect(refusal(of: Self.ship()) == nil)
        #expect(refusal(of: Self.ship(in: GateFixture.foreign)) == .ownership)
        #expect(refusal(of: Self.ship(to: "astro_data")) == .content)
        #expect(refusal(of: Self.ship(to: Self.volume(Self.folder).name)) == .content)
        var other = Self.archive
        other[512] ^= 1
        #expect(refusal(of: Self.ship(other)) == .content)
        #expect(refusal(of: Self.ship([])) == .content)
        #expect(refusal(of: Self.ship(Self.archive + [0])) == .content)
        var overwriting = Self.ship()
        overwriting.query.append(.init("copyUIDGID", "true"))
        #expect(refusal(of: overwriting) == .call)
    }

    /// The reader of archives stands alone: these would have the right digest.
    @Test func anArchiveHoldsPlainFilesAlone() {
        let edits: [(Int, String)] = [
            (156, "1"), (156, "3"), (156, "6"), (156, "g"), (156, "x"), (0, "/etc"), (0, "../x"),
            (0, "a/../../x"), (100, "0004755"), (257, "pax00000"), (124, "77777777777"),
        ]
        for (offset, text) in edits {
            var archive = Self.archive
            archive.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
            let content = Content(
                source: .tree(path: "f"),
                kind: .file,
                digest: SHA256Hex.of(archive),
                name: ""
            )
            let volume = Self.volume(content)
            let gate = Gate(
                Astro.tenant,
                controller: "spin",
                stack: Astro.id,
                owned: [GateFixture.container, volume.name],
                contents: GateContents([volume: content])
            )
            let request = Self.ship(archive, to: volume.name)
            #expect(GateFixture.refusal(of: request, by: gate) == .content, "\(offset) \(text)")
        }
    }

    @Test func theEmptyImageIsEmpty() {
        #expect(refusal(of: .emptyImage) == nil)
        var other = EngineRequest.emptyImage
        other.body = Self.archive
        #expect(refusal(of: other) == .content)
        other = .emptyImage
        other.query[1] = .init("repo", "nginx")
        #expect(refusal(of: other) == .content)
        other = .emptyImage
        other.query[0] = .init("fromSrc", "http://example.org/x.tar")
        #expect(refusal(of: other) == .content)
    }

    static func carrier(
        _ looks: [Look] = [],
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> EngineRequest {
        let spec = CarrierSpec(
            stack: Astro.id,
            name: "gyre.spin.astro",
            volumes: [volume(file), volume(folder)],
            labels: [
                Labels.controller: "spin", Labels.project: "astro", Labels.stack: "astro",
                Labels.content: "carrier",
            ],
            looks: looks
        )
        let pin = ImagePin(reference: EmptyImage.reference, imageID: emptyImage, digest: nil)
        let context = StepContext(pin: pin, claim: GateFixture.claim, controller: "spin")
        var request = EngineRequest(.createCarrier(spec), in: context) ?? .emptyImage
        var body = request.body.flatMap { try? JSON(parsing: $0) } ?? [:]
        edit(&body)
        request.body = Array(body.text.utf8)
        return request
    }

    @Test func aCarrierHasContentsAndNothingElse() {
        #expect(refusal(of: Self.carrier()) == nil)
        let edits: [([String], JSON)] = [
            (["Image"], .string(GateFixture.pinned)), (["Image"], "sha256:0"), (["User"], "0"),
            (["HostConfig", "Privileged"], true), (["HostConfig", "NetworkMode"], "host"),
            (["HostConfig", "Binds"], ["/:/x:ro"]),
            (["HostConfig", "Mounts", "0", "Source"], "astro_data"),
            (["HostConfig", "Mounts", "0", "Type"], "bind"),
            (["HostConfig", "Mounts", "0", "Target"], "/"),
            (["Labels", Labels.content], "volume"), (["Labels", Labels.project], "bio"),
            (["Labels", Labels.service], "web"),
        ]
        for (path, value) in edits {
            let request = Self.carrier { $0.set(path[...], to: value) }
            #expect(refusal(of: request) != nil, "\(path)")
        }
        var named = Self.carrier()
        named.query = [.init("name", "astro-web-1")]
        #expect(refusal(of: named) == .name)
    }

    // MARK: Looking

    private static let looks = [
        Look(
            container: ContainerRef(slot: Slot(service: "web", number: 1), id: nil, name: ""),
            paths: Astro.grants.mounts.map { GrantedPath(root: $0.path, components: ["a", "b"]) }
        )
    ]

    @Test func aCarrierBindsGrantedPathsAndNothingElse() {
        let roots = Astro.grants.mounts.map(\.path).sorted()
        #expect(!roots.isEmpty && refusal(of: Self.carrier(Self.looks)) == nil)
        let below = roots[0] + "/a"
        let edits: [(String, JSON?)] = [
            ("Source", .string(below)), ("Source", .string(roots[0] + "/")), ("Source", "/"),
            ("Source", "/var/lib/docker"), ("Source", "/etc"), ("Source", nil),
            ("ReadOnly", false), ("ReadOnly", nil), ("Target", "/proc"), ("Target", "/"),
            ("Target", "/1/2"), ("Target", "/01"), ("Target", nil), ("Type", "volume"),
            ("Type", "tmpfs"), ("BindOptions", [:]), ("BindOptions", ["Propagation": "rshared"]),
            ("VolumeOptions", ["NoCopy": true]),
        ]
        for (key, value) in edits {
            let request = Self.carrier(Self.looks) {
                $0.set("HostConfig", "Mounts", "2", key, to: value)
            }
            #expect(refusal(of: request) != nil, "\(key) \(value?.text ?? "-")")
        }
    }

    /// What a grant holds no container may bind, and no carrier either.
    @Test(arguments: ["/", "/var", "/var/lib", "/etc", "/run"])
    func noCarrierBindsTheNode(root: String) {
        var tenant = Astro.tenant
        tenant.grants.mounts = [MountGrant(path: root, isShared: false)]
        #expect(tenant.grants.below(root == "/" ? "/data" : root + "/data") == nil)
        let gate = Gate(
            tenant,
            controller: "spin",
            stack: Astro.id,
            claims: [GateFixture.claim],
            contents: GateContents(emptyImage: Self.emptyImage)
        )
        var look = Self.looks[0]
        look.paths = [GrantedPath(root: root, components: ["data"])]
        let mounts = Self.carrier([look]).body.flatMap { try? JSON(parsing: $0) }?["HostConfig"]
        let bind = mounts?["Mounts"]?.arrayValue?.last ?? [:]
        #expect(bind["Source"]?.stringValue == root)
        let request = Self.carrier { $0.set("HostConfig", "Mounts", to: [bind]) }
        #expect(GateFixture.refusal(of: request, by: gate) == .bind)
    }

    @Test func aContentIsRemovedAndNothingElse() {
        func remove(_ name: String) -> EngineRequest {
            GateFixture.of(.removeContent, "DELETE", "/volumes/" + name, target: name)
        }
        #expect(refusal(of: remove(Self.volume(Self.file).name)) == nil)
        #expect(refusal(of: remove("astro_data")) == .content)
        let zeros = String(repeating: "0", count: 32)
        #expect(refusal(of: remove("gyre.spin.bio.\(zeros)")) == .content)
        #expect(refusal(of: remove("gyre.spin.astro.\(zeros)")) == .ownership)
    }
}
