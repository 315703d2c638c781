import Foundation
import Testing

/// Repositories whose commits have to be signed.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct SignatureTests {
    @Test func `what nobody has signed is held, and what is signed is deployed`() async throws {
        try await Stage.run("signed") { stage in
            let team = try await stage.team()
            let (ada, eve) = ("\(stage.folder)/ada", "\(stage.folder)/eve")
            for key in [ada, eve] {
                try await Program.check([
                    "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", key,
                ])
            }
            let list = "\(stage.folder)/signers"
            let key = try String(contentsOfFile: "\(ada).pub", encoding: .utf8)
            try Files.write("ada@example.org \(key)", to: list)
            let entry = "{url: \(team.url), polling: 1h, signers: {ssh: \(list)}}"
            try stage.configure("  \(stage.name): {repositories: [\(entry)]}")

            let first = try await team.push(Compose.web("1.0"), signedBy: ada)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let before = try await stage.container("web-1")

            // An empty commit would be the end of the stack, if it counted.
            for (files, key) in [(Compose.web("2.0"), nil), (Compose.web("2.0"), eve), ("", nil)] {
                if let key {
                    try await team.push(files, signedBy: key)
                } else {
                    try await team.push(files.isEmpty ? [:] : ["compose.yaml": files])
                }
                try await stage.gyre.run("sync", "--wait")
                let word = key == nil ? "[unsigned]" : "[signature-refused]"
                try await stage.gyre.until("it says \(word)") {
                    $0.repositories[0].problem?.contains(word) ?? false
                }
                try await stage.remains([before.id])
            }
            let refused = try await stage.gyre.run("audit", "list", "--kind", "refused")
            #expect(refused.out.contains("[unsigned]"), "\(refused)")
            #expect(refused.out.contains("[signature-refused]"), "\(refused)")
            let rollback = try await stage.gyre.run("rollback", stage.name)
            #expect(!rollback.isSuccess, "\(rollback)")

            // Nor after a restart, and what ran is repaired.
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.until("it says so again") {
                $0.repositories[0].problem?.contains("[unsigned]") ?? false
            }
            try await stage.remains([before.id])

            let last = try await team.push(Compose.web("2.0"), signedBy: ada)
            try await stage.gyre.run("sync", "--wait")
            try await stage.gyre.ready(at: last)
            try await rollBack(stage, entry, list, to: first, from: last)
        }
    }

    /// Gyre signs its own commit, with a key that has to be listed like anybody's.
    private func rollBack(
        _ stage: Stage,
        _ entry: String,
        _ list: String,
        to first: String,
        from last: String
    ) async throws {
        let key = "\(stage.folder)/signing"
        try await Program.check([
            "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "gyre", "-f", key,
        ])
        try await stage.gyre.stop()
        try stage.configure(
            "  \(stage.name): {repositories: [\(entry)]}",
            git: "{signing_key: \(key)}"
        )
        try await stage.gyre.start()
        try await stage.gyre.ready(at: last)
        let refused = try await stage.gyre.run("rollback", stage.name, "--to", first)
        let words = refused.out + refused.err
        #expect(!refused.isSuccess && words.contains("[cannot-sign]"), "\(words)")
        let line = words.split(separator: "\n").lazy.compactMap { text in
            text.firstRange(of: "gyre namespaces=").map { text[$0.lowerBound...] }
        }.first?.split(separator: " ").prefix(4).joined(separator: " ")
        let listed = Files.text(of: list)
        try Files.write("\(listed)\(try #require(line))\n", to: list)
        let pushed = try await stage.gyre.run("rollback", stage.name, "--to", first)
        #expect(pushed.isSuccess, "\(pushed)")
        try await eventually("the rollback is deployed", tail: { stage.gyre.tail }) {
            try await stage.container("web-1").variable("VERSION") == "1.0"
        }
    }
}
