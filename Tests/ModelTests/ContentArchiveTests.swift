import Model
import Testing

@Suite struct ContentArchiveTests {
    /// The archive's form is part of spec hashes: none of these may ever change.
    @Test func theFormIsFrozen() throws {
        let tree = tree(
            [
                "site/index.html": .file(Array("<p>hello</p>\n".utf8)), "site/run.sh": .file([35]),
                "site/a/b/empty": .file([]), "site/a.link": .link("a/b/empty"),
            ],
            executables: ["site/run.sh"]
        )
        let folder = try ContentArchive(of: "site", in: tree)
        #expect(folder.kind == .folder)
        #expect(
            names(folder.bytes) == [
                "./", "a.link", "a/", "a/b/", "a/b/empty", "index.html", "run.sh",
            ]
        )
        #expect(folder.digest == "96e41b148d6165365a688ba3fda464ded616bc92e58db435b21715ee7235e860")
        let file = try ContentArchive(of: "site/index.html", in: tree)
        #expect(file.kind == .file)
        #expect(names(file.bytes) == ["content"])
        #expect(file.digest == "c6dce8980ec22325c45d611a700d08f0eabf663406921be6c02c4297dde2fb07")
        #expect(
            EmptyImage.layer == "sha256:"
                + "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
        )
    }

    @Test func whatIsElsewhereIsNoPartOfIt() throws {
        let one = tree(["site/a": .file([1]), "x": .file([1]), "sites/b": .file([2])])
        let two = tree(["site/a": .file([1]), "y": .file([9])])
        #expect(
            try ContentArchive(of: "site", in: one).digest
                == ContentArchive(of: "site", in: two).digest
        )
    }

    /// Bytes, names, what may be run, links, and whether it is a file or a folder.
    @Test func whatCountsChangesTheDigest() throws {
        let trees: [(String, Snapshot)] = [
            ("site", tree(["site/content": .file([1])])),
            ("site", tree(["site/content": .file([2])])),
            ("site", tree(["site/contents": .file([1])])),
            ("site", tree(["site/sub/content": .file([1])])),
            ("site", tree(["site/content": .file([1])], executables: ["site/content"])),
            ("site", tree(["site/content": .file([1]), "site/l": .link("content")])),
            ("site", tree(["site/content": .file([1]), "site/l": .link("./content")])),
            ("site/content", tree(["site/content": .file([1])])),
            ("site/content", tree(["site/content": .file([1])], executables: ["site/content"])),
        ]
        let digests = try trees.map { try ContentArchive(of: $0.0, in: $0.1).digest }
        #expect(Set(digests).count == trees.count)
    }

    /// Servers tell versions by time and size.
    @Test func anotherFileOfTheSameSizeHasAnotherTime() throws {
        func time(_ byte: UInt8) throws -> [UInt8] {
            let archive = try ContentArchive(of: "f", in: tree(["f": .file([byte])]))
            return Array(archive.bytes[136..<148])
        }
        #expect(try time(1) != time(2))
        #expect(try time(1) == time(1))
    }

    @Test(arguments: [
        ("a/link", "../../etc", true), ("a/link", "/etc/passwd", true), ("link", "..", true),
        ("link", "a/../../b", true), ("link", "../site/a", true), ("a/b/link", "../../c", false),
        ("link", "a/..", false), ("link", "nowhere", false),
    ])
    func linksStayInside(name: String, target: String, leaves: Bool) throws {
        let tree = tree(["site/\(name)": .link(target), "site/x": .file([])])
        if leaves {
            #expect(throws: ContentError.linkLeaves(path: "site/\(name)")) {
                try ContentArchive(of: "site", in: tree)
            }
        } else {
            _ = try ContentArchive(of: "site", in: tree)
        }
    }

    @Test func whatCanNotBeShippedIsNamed() throws {
        let long = String(repeating: "n", count: 101)
        let cases: [(Snapshot.Entry, String, ContentError)] = [
            (.submodule, "m", .unreadable(path: "site/m", .submodule)),
            (.lfsPointer, "m", .unreadable(path: "site/m", .lfsPointer)),
            (.omitted(byteCount: 7), "m", .unreadable(path: "site/m", .tooLarge(byteCount: 7))),
            (.file([]), long, .nameTooLong(path: long)),
            (.link(long), "m", .nameTooLong(path: "m")),
        ]
        for (entry, name, error) in cases {
            let tree = tree(["site/\(name)": entry])
            #expect(throws: error) { try ContentArchive(of: "site", in: tree) }
        }
        #expect(throws: ContentError.unreadable(path: "none", .missing)) {
            try ContentArchive(of: "none", in: tree([:]))
        }
    }

    @Test func longPathsAreSplit() throws {
        let folder = String(repeating: "f", count: 90)
        let tree = tree(["site/\(folder)/\(folder)": .file([1])])
        let names = names(try ContentArchive(of: "site", in: tree).bytes)
        #expect(names == ["./", folder + "/", folder + "/" + folder])
    }

    @Test func itIsBounded() throws {
        let large = tree([
            "site/a": .file([UInt8](repeating: 0, count: ContentArchive.maximumBytes))
        ])
        #expect(throws: ContentError.tooManyBytes) { try ContentArchive(of: "site", in: large) }
        let many = (0...ContentArchive.maximumEntries).map {
            ("site/\($0)", Snapshot.Entry.link("x"))
        }
        let full = tree(Dictionary(uniqueKeysWithValues: many))
        #expect(throws: ContentError.tooManyEntries) { try ContentArchive(of: "site", in: full) }
    }

    /// A mark above a slash makes one character of the two, but no other path.
    @Test func pathsAreReadByTheirBytes() throws {
        let tree = tree(["site/\u{338}x": .file([1]), "site/a/\u{338}y": .file([2])])
        let names = names(try ContentArchive(of: "site", in: tree).bytes)
        #expect(
            names.map { Array($0.utf8) }
                == ["./", "a/", "a/\u{338}y", "\u{338}x"].map { Array($0.utf8) }
        )
    }

    private func tree(
        _ entries: [String: Snapshot.Entry],
        executables: Set<String> = []
    ) -> Snapshot {
        let commit = Commit(id: "0", author: "", seconds: 0, message: "")
        return Snapshot(commit: commit, entries: entries, executables: executables)
    }

    /// Names of the entries of an archive.
    private func names(_ bytes: [UInt8]) -> [String] {
        var names: [String] = []
        var position = 0
        while position < bytes.count, bytes[position] != 0 {
            func text(_ offset: Int, _ width: Int) -> String {
                let field = bytes[position + offset..<position + offset + width]
                return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            let prefix = text(345, 155)
            names.append(prefix.isEmpty ? text(0, 100) : prefix + "/" + text(0, 100))
            let size = Int(text(124, 12), radix: 8) ?? 0
            position += 512 + (size + 511) / 512 * 512
        }
        return names
    }
}

@Suite struct ContentVolumeTests {
    private let stack = StackID.named("astro", "web")
    private let content = Content(
        source: .tree(path: "x"),
        kind: .file,
        digest: SHA256Hex.of("x"),
        name: "./x"
    )

    @Test func theNameSaysWhoseItIs() throws {
        let volume = ContentVolume(of: content, in: stack, controller: "spin")
        #expect(volume.name == "gyre.spin.astro_web." + SHA256Hex.of("x").prefix(32))
        #expect(ContentVolume(name: volume.name) == volume)
        #expect(volume.belongs(to: stack, controller: "spin"))
        #expect(!volume.belongs(to: stack, controller: "spi"))
        #expect(!volume.belongs(to: .named("astro", "astro"), controller: "spin"))
        #expect(
            ContentVolume(bound: "/var/lib/docker/volumes/\(volume.name)/_data/content") == volume
        )
        #expect(ContentVolume(bound: "/volumes/\(volume.name)/_data/content/x") == nil)
        #expect(ContentVolume(bound: "/volumes/\(volume.name)/content") == nil)
    }

    /// No volume with data has such a name.
    @Test(arguments: [
        "astro_data", "gyre.spin.astro", "gyre.spin.astro_web.0", "gyre_spin.astro.x",
        "gyre.a.b." + String(repeating: "g", count: 32),
        "gyre.a.b.c." + String(repeating: "0", count: 32),
        "x.a.b." + String(repeating: "0", count: 32), "",
    ])
    func whatElseIsNone(name: String) {
        #expect(ContentVolume(name: name) == nil)
    }
}

extension StackID {
    fileprivate static func named(_ project: String, _ stack: String) -> StackID {
        guard let id = try? StackID(project: project, stack: stack) else {
            preconditionFailure("these are valid names")
        }
        return id
    }
}
