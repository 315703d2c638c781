import Foundation
import GitSource
import Model
import Testing

/// Commits that somebody who counts has to have signed, with the real ssh-keygen and gpg.
@Suite(.timeLimit(.minutes(10)))
struct SignatureTests {
    private let fixture: Fixture
    private let app: WorkTree
    /// Of the person who counts.
    private let key: String
    private let list: String

    init() throws {
        fixture = try Fixture()
        app = try fixture.repository()
        key = "\(fixture.root)/ada"
        list = "\(fixture.root)/allowed"
        try Self.makeKey(key)
        try allow("ada@example.org", key)
    }

    private static func makeKey(_ path: String) throws {
        try run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", path])
    }

    /// Makes a list of one key.
    private func allow(_ principal: String, _ key: String, _ options: String = "") throws {
        let words = try String(contentsOfFile: key + ".pub", encoding: .utf8)
            .split(separator: " ").prefix(2).joined(separator: " ")
        try "\(principal) \(options) \(words)\n"
            .write(toFile: list, atomically: true, encoding: .utf8)
    }

    @discardableResult
    private func commit(_ message: String, by key: String) throws -> String {
        try app.git(
            "-c",
            "gpg.format=ssh",
            "-c",
            "user.signingkey=\(key)",
            "commit",
            "-S",
            "--allow-empty",
            "-q",
            "-m",
            message
        )
        return try app.git("rev-parse", "HEAD")
    }

    private func signer(
        _ reference: GitReference = .branch("main"),
        _ signers: Signers? = nil
    ) async throws -> String {
        try await fixture.source.signer(
            of: try await fixture.source.head(of: reference, at: app.url),
            following: reference,
            at: app.url,
            among: signers ?? Signers(ssh: list)
        )
    }

    @Test func tellsWhoSigned() async throws {
        try app.commit("one")
        await expectError(.unsigned) { try await signer() }
        try commit("two", by: key)
        #expect(try await signer() == "ada@example.org")
        // What is signed by one key only says nothing for another kind.
        await expectError(.signatureRefused) {
            try await signer(.branch("main"), Signers(openPGP: list))
        }
        try app.commit("three")
        await expectError(.unsigned) { try await signer() }
    }

    @Test func refusesKeysThatDontCount() async throws {
        let other = "\(fixture.root)/eve"
        try Self.makeKey(other)
        try commit("one", by: other)
        await expectError(.signatureRefused) { try await signer() }
        try commit("two", by: key)
        #expect(try await signer() == "ada@example.org")
        // A key that is taken off the list, or whose time is over, counts no more.
        try allow("ada@example.org", key, #"valid-before="20200101""#)
        await expectError(.signatureRefused) { try await signer() }
        try allow("ada@example.org", key, #"namespaces="file""#)
        await expectError(.signatureRefused) { try await signer() }
        try allow("eve@example.org", other)
        await expectError(.signatureRefused) { try await signer() }
        try FileManager.default.removeItem(atPath: list)
        await expectError(.credentialsUnreadable) { try await signer() }
    }

    /// The signature of one text under another, and one that was made for something else.
    @Test func refusesSignaturesOfOtherTexts() async throws {
        try commit("honest", by: key)
        let raw = try app.git("cat-file", "commit", "HEAD")
        try plant(raw.replacingOccurrences(of: "honest", with: "hostile") + "\n")
        await expectError(.signatureRefused) { try await signer() }

        let text = try app.git("cat-file", "commit", try app.commit("plain")) + "\n"
        let signature = try run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", key],
            input: text
        )
        let header = "gpgsig " + signature.replacingOccurrences(of: "\n", with: "\n ") + "\n\n"
        let parts = text.components(separatedBy: "\n\n")
        try plant(parts[0] + "\n" + header + parts[1...].joined(separator: "\n\n"))
        await expectError(.signatureRefused) { try await signer() }
        try plant(parts[0] + "\ngpgsig nonsense\n\n" + parts[1])
        await expectError(.signatureRefused) { try await signer() }
    }

    /// Makes the branch name a commit of exactly these bytes.
    private func plant(_ raw: String) throws {
        let id = try app.git("hash-object", "-t", "commit", "-w", "--stdin", input: raw)
        try app.git("update-ref", "refs/heads/main", id)
    }

    @Test func aSignedTagCountsForItsCommit() async throws {
        try app.commit("one")
        try tag("v1.0.0")
        #expect(try await signer(.tag("v1.0.0")) == "ada@example.org")
        let range = try #require(VersionRange("1.x"))
        #expect(try await signer(.versions(range)) == "ada@example.org")
        // Whoever follows the branch didn't ask for the tag.
        await expectError(.unsigned) { try await signer() }
        try app.commit("two")
        try app.git("tag", "-f", "-a", "-m", "moved", "v1.0.0")
        await expectError(.unsigned) { try await signer(.tag("v1.0.0")) }
        try app.git("tag", "light")
        await expectError(.unsigned) { try await signer(.tag("light")) }
    }

    private func tag(_ name: String) throws {
        try app.git(
            "-c",
            "gpg.format=ssh",
            "-c",
            "user.signingkey=\(key)",
            "tag",
            "-s",
            "-m",
            name,
            name
        )
    }

    @Test func readsOpenPGP() async throws {
        let home = "\(fixture.root)/gnupg"
        try FileManager.default.createDirectory(
            atPath: home,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let environment = ["env", "GNUPGHOME=\(home)"]
        defer { _ = try? run(environment + ["gpgconf", "--kill", "all"]) }
        let gpg = environment + ["gpg", "--batch", "--quiet", "--passphrase", ""]
        for name in ["ada@example.org", "eve@example.org"] {
            try run(gpg + ["--quick-generate-key", name, "ed25519", "sign", "never"])
        }
        let ring = "\(fixture.root)/ring.gpg"
        try run(gpg + ["--output", ring, "--export", "ada@example.org"])
        func sign(_ name: String) throws {
            let git = environment + ["git", "-C", app.path, "-c", "user.signingkey=\(name)"]
            try run(git + ["commit", "-S", "--allow-empty", "-q", "-m", name])
        }
        let signers = Signers(openPGP: ring)
        try sign("ada@example.org")
        let found = try await signer(.branch("main"), signers)
        let listed = try run(gpg + ["--with-colons", "--fingerprint", "ada@example.org"])
        let fingerprint = found.split(separator: ":").last.map(String.init) ?? ""
        #expect(found.hasPrefix("openpgp:") && fingerprint.count == 40)
        #expect(listed.contains(":\(fingerprint):"))
        await expectError(.signatureRefused) {
            try await signer(.branch("main"), Signers(ssh: list))
        }
        let raw = try app.git("cat-file", "commit", "HEAD")
        try plant(raw.replacingOccurrences(of: "Ada <", with: "Eve <") + "\n")
        await expectError(.signatureRefused) { try await signer(.branch("main"), signers) }
        try sign("eve@example.org")
        await expectError(.signatureRefused) { try await signer(.branch("main"), signers) }
    }

    @Test func leavesNothingBehind() async throws {
        try commit("one", by: key)
        _ = try await signer()
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.root + "/mirrors")
        #expect(!files.contains { $0.hasPrefix("signature-") }, "\(files)")
    }
}
