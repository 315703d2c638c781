import Admission
import ComposeFile
import Model
import Testing

/// What keeps a file from being loaded and what policy denies of the rest are told at once.
@Suite struct AllFindingsTests {
    @Test func whatCannotBeReadHidesNothingElse() {
        #expect(
            findings(
                """
                services:
                  web:
                    image: httpd:2.4
                    privileged: true
                    imgae: x
                    volumes: ["/global/astro/../bio:/data", "/global/bio:/bio"]
                  db:
                    image: elsewhere.example.org/db:1
                    external_links: [x]
                """
            ) == [
                "4:17 privileged", "5:5 unknown-attribute", "6:15 bind-form", "6:45 bind-granted",
                "8:12 image-granted", "9:5 not-supported",
            ]
        )
    }

    /// What is left out because of an error is not what stands after it.
    @Test func aMountThatCannotBeHadHidesNoOther() {
        let mounts = "volumes: [./a:/a, /etc/hosts:/b, /global/bio:/c]"
        #expect(
            findings("services:\n  web:\n    image: nginx:1\n    \(mounts)\n") == [
                "4:15 bind-of-repository-writable", "4:23 bind-granted", "4:38 bind-granted",
            ]
        )
    }

    /// Of a value that can't be read there is one finding, and none of its absence.
    @Test(arguments: [
        ("user: \"1\"", ["2:3 missing-attribute"]),
        ("build: .", ["3:5 not-supported"]),
        ("image: ${X:?}", ["3:12 required-variable"]),
        ("image: \"\"", ["3:12 empty-value"]),
        ("image: nginx:1\n    cap_add: [12]", ["4:15 wrong-type"]),
        // A slip to the loader; to policy it may be another project's.
        (
            "image: nginx:1\n    volumes: [none:/x]",
            ["4:15 undeclared", "4:15 undefined-reference"]
        ),
    ])
    func whatCannotBeReadIsSaidOnce(body: String, expected: [String]) {
        #expect(findings("services:\n  web:\n    \(body)\n") == expected)
    }

    /// What is filled in where a section can't be read is nobody's choice.
    @Test(arguments: ["networks: []", "volumes: 1", "configs: x"])
    func whatStandsInForASectionIsNotJudged(section: String) {
        let text = "services:\n  web:\n    image: nginx:1\n\(section)\n"
        #expect(findings(text).filter { !$0.hasSuffix("wrong-type") } == [])
    }

    /// Whose image it is can't be said because of the variable, so the error names that.
    @Test func anUnsetVariableIsNamedWhereItMattersMost() throws {
        let rejection = refusal("services:\n  web: {image: \"nginx:${TAG}\"}\n")
        let error = try #require(rejection?.diagnostics.first { $0.severity == .error })
        #expect(error.code == "image-reference")
        #expect(error.message.contains("since the variable TAG is not set"), "\(error)")
        #expect(error.fix == "set TAG in .env, or write a default: ${TAG:-default}")
    }

    @Test(arguments: ["services: [", "", "services: {web: {image: *none}}"])
    func whatIsNoModelAtAllIsRefused(text: String) {
        #expect(!findings(text).isEmpty)
    }

    /// A bind that climbs out of the repository is no file of it, whatever it is for.
    @Test(arguments: ["../../etc:/x", "../../etc:/x:ro", "..:/x", "~/x:/x", "/a/./../b:/x"])
    func aBindThatClimbsIsPolicys(bind: String) {
        let text = "services: {web: {image: nginx:1, volumes: [\"\(bind)\"]}}"
        #expect(findings(text) == ["1:44 bind-form"])
    }

    /// A variable may hold a part of the path.
    @Test func aPathThatIsNoPlainOneIsNotShown() throws {
        let text = "services: {web: {image: nginx:1, volumes: [\"/a/../$SECRET:/b\"]}}"
        let rejection = try #require(refusal(text, [".env": "SECRET=hunter2"]))
        #expect(rejection.diagnostics.map(\.code).contains("bind-form"))
        #expect(!rejection.description.contains("hunter2"))
    }

    private func findings(_ text: String) -> [String] {
        let errors = refusal(text)?.diagnostics.filter { $0.severity == .error } ?? []
        return errors.map { finding in
            let place = finding.location.map { "\($0.line):\($0.column)" } ?? "-"
            return "\(place) \(finding.code)"
        }
    }

    private func refusal(_ text: String, _ files: [String: String] = [:]) -> Rejection? {
        var entries: [String: Snapshot.Entry] = [:]
        for (name, text) in files.merging(["compose.yaml": text], uniquingKeysWith: { $1 }) {
            entries[name] = .file(Array(text.utf8))
        }
        let commit = Commit(id: "0", author: "", seconds: 0, message: "")
        let snapshot = Snapshot(commit: commit, entries: entries)
        do {
            let reading = try StackReading(of: snapshot, at: "", id: Astro.id)
            _ = try Policy(AllFindingsTests.tenant).admit(reading)
            return nil
        } catch {
            return error
        }
    }

    /// As the others', but no file system is shared, so that nobody has to say who they are.
    private static let tenant = TenantPolicy(
        grants: Grants(
            mounts: [MountGrant(path: "/global/astro", isShared: false)],
            registries: ["docker.io/library"]
        )
    )
}
