import Foundation
import GitSource
import Glibc
import Model
import Testing
import Transport

/// What a mirror keeps, and how it heals.
@Suite struct MirrorTests {
    let stack: StackID

    init() throws { stack = try StackID(project: "shop", stack: "web") }

    @Test func lastGoodSurvivesARewriteAndGarbageCollection() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let url = try app.url
        try app.write("1", to: "compose.yaml")
        try app.commit("one")
        #expect(try await fixture.source.good(stack: stack, at: url) == nil)
        let good = try await fixture.source.head(of: "main", at: url)
        try await fixture.source.markGood(good, stack: stack, at: url)

        try app.git("checkout", "-q", "--orphan", "other")
        try app.write("2", to: "compose.yaml")
        try app.commit("rewritten")
        try app.git("branch", "-M", "other", "main")
        let rewritten = try await fixture.source.head(of: "main", at: url)
        #expect(rewritten.id != good.id)
        let mirror = try #require(fixture.mirrors().first)
        try run(["git", "-C", mirror, "gc", "-q", "--prune=now"])

        #expect(try await fixture.source.good(stack: stack, at: url) == good)
        let snapshot = try await fixture.source.snapshot(of: good, at: url)
        #expect(try snapshot.read("compose.yaml") == Array("1".utf8))
        #expect(try await fixture.source.head(of: "main", at: url) == rewritten)
    }

    /// A controller that starts, and commands that look meanwhile, are processes of their own,
    /// which only the file system can keep apart.
    @Test func manyMayBeginAtOnce() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let url = try app.url
        let commit = try app.commit("one")
        let stack = stack
        for round in 0..<10 {
            let directory = "\(fixture.root)/shared/\(round)"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    let pool = BlockingPool(name: "one", threads: 2)
                    let source = GitMirrors(directory: directory, pool: pool)
                    group.addTask {
                        let good = try await source.good(stack: stack, at: url)
                        let head = try await source.head(of: "main", at: url)
                        #expect(good == nil && head.id == commit)
                    }
                }
                try await group.waitForAll()
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(names.count { $0.hasSuffix(".git") } == 1)
            #expect(!names.contains { $0.hasSuffix(".broken") }, "\(names)")
        }
    }

    /// Another process that speaks with a silent server keeps nobody from looking.
    @Test func whoLooksDoesNotWaitForAnotherProcess() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let url = try app.url
        let commit = try app.commit("one")
        #expect(try await fixture.source.head(of: "main", at: url).id == commit)
        // Locks of two open files are those of two processes.
        let turn = try #require(fixture.mirrors().first) + ".turn"
        let other = open(turn, O_RDWR)
        defer { close(other) }
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
        try app.commit("two")
        let glance = GitMirrors(
            directory: fixture.root + "/mirrors",
            pool: BlockingPool(threads: 1),
            patience: .zero
        )
        do {
            let head = try await glance.head(of: "main", at: url)
            Issue.record("it has \(head)")
        } catch let error as GitError {
            #expect(error.code == .locked && error.operation == "speak with \(url)")
            #expect(error.message.hasPrefix("process \(getpid()) is doing that"), "\(error)")
        }
        let known = try await glance.lastFetched(branch: "main", at: url)
        #expect(known?.id == commit)
        flock(other, LOCK_UN)
        #expect(try await glance.head(of: "main", at: url).subject == "two")
    }

    /// What the mirror's configuration says of addresses is not even read.
    @Test func noConfigurationLeadsElsewhere() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let url = try app.url
        try app.write("1", to: "compose.yaml")
        try app.commit("one")
        _ = try await fixture.source.head(of: "main", at: url)
        let mirror = try #require(fixture.mirrors().first)
        try run(["git", "-C", mirror, "config", "url.file:///elsewhere/.insteadOf", "file:///"])
        try app.write("2", to: "compose.yaml")
        let second = try app.commit("two")
        #expect(try await fixture.source.head(of: "main", at: url).id == second)
    }

    /// Ways to break a mirror; each is healed by asking for the head again.
    enum Damage: String, CaseIterable, Sendable {
        case headGone, configGarbage, refGarbage, packsGone, packGarbage, objectsGone
    }

    @Test(arguments: Damage.allCases)
    func heals(_ damage: Damage) async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let url = try app.url
        try app.write("1", to: "compose.yaml")
        try app.commit("one")
        let good = try await fixture.source.head(of: "main", at: url)
        try await fixture.source.markGood(good, stack: stack, at: url)
        try app.write("2", to: "compose.yaml")
        let second = try app.commit("two")
        _ = try await fixture.source.head(of: "main", at: url)
        let mirror = try #require(fixture.mirrors().first)
        try apply(damage, to: mirror)

        let head = try await fixture.source.head(of: "main", at: url)
        #expect(head.id == second)
        // Damage of contents shows when they are read; the attempt after that succeeds.
        _ = try? await fixture.source.snapshot(of: head, at: url)
        let again = try await fixture.source.head(of: "main", at: url)
        let snapshot = try await fixture.source.snapshot(of: again, at: url)
        #expect(try snapshot.read("compose.yaml") == Array("2".utf8))
        #expect(FileManager.default.fileExists(atPath: mirror + ".broken"))
        switch damage {
        case .headGone, .configGarbage, .refGarbage:
            #expect(try await fixture.source.good(stack: stack, at: url) == good)
        case .packsGone, .packGarbage, .objectsGone:
            break
        }
    }

    private func apply(_ damage: Damage, to mirror: String) throws {
        let files = FileManager.default
        switch damage {
        case .headGone: try files.removeItem(atPath: mirror + "/HEAD")
        case .configGarbage: try Data("[".utf8).write(to: URL(filePath: mirror + "/config"))
        case .refGarbage:
            try Data("xyz".utf8).write(to: URL(filePath: mirror + "/refs/heads/main"))
        case .packsGone:
            try files.removeItem(atPath: mirror + "/objects/pack")
        case .packGarbage:
            let folder = mirror + "/objects/pack"
            for name in try files.contentsOfDirectory(atPath: folder)
            where name.hasSuffix(".pack") {
                let url = URL(filePath: "\(folder)/\(name)")
                var bytes = try Data(contentsOf: url)
                for index in 12..<(bytes.count - 20) { bytes[index] ^= 0x55 }
                try files.removeItem(at: url)
                try bytes.write(to: url)
            }
        case .objectsGone:
            try files.removeItem(atPath: mirror + "/objects")
        }
    }

    @Test func aLockLeftByAKilledProcessIsNoObstacle() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        try app.commit("one")
        _ = try await fixture.source.head(of: "main", at: app.url)
        let mirror = try #require(fixture.mirrors().first)
        let lock = mirror + "/refs/heads/main.lock"
        try Data().write(to: URL(filePath: lock))
        let second = try app.commit("two")
        // Fresh, however long a busy machine takes.
        try date(lock, Date(timeIntervalSinceNow: 86_400))
        await expectError(.locked) { try await fixture.source.head(of: "main", at: app.url) }
        try date(lock, Date(timeIntervalSince1970: 0))
        #expect(try await fixture.source.head(of: "main", at: app.url).id == second)
    }

    private func date(_ file: String, _ time: Date) throws {
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: file)
    }

    @Test func manyPacksBecomeOne() async throws {
        let fixture = try Fixture()
        let app = try fixture.repository()
        let url = try app.url
        try app.commit("one")
        let good = try await fixture.source.head(of: "main", at: url)
        try await fixture.source.markGood(good, stack: stack, at: url)
        for index in 0..<52 {
            let id = try app.commit("commit \(index)")
            #expect(try await fixture.source.head(of: "main", at: url).id == id)
        }
        #expect(try fixture.packs().count < 5)
        #expect(try await fixture.source.good(stack: stack, at: url) == good)
        let mirror = try #require(fixture.mirrors().first)
        #expect(try run(["git", "-C", mirror, "rev-list", "--all", "--count"]) == "53")
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.root + "/mirrors")
        #expect(left.count { !$0.hasSuffix(".turn") && !$0.hasSuffix(".place") } == 1, "\(left)")
    }

    @Test func aFullDiskIsSaidAndHarmsNothing() async throws {
        let fixture = try Fixture()
        let mirrors = fixture.root + "/mirrors"
        try FileManager.default.createDirectory(
            atPath: mirrors,
            withIntermediateDirectories: true
        )
        do {
            try run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mirrors])
        } catch {
            return  // Only root can mount.
        }
        defer { _ = try? run(["umount", "-l", mirrors]) }
        let app = try fixture.repository()
        let url = try app.url
        try app.write("small", to: "compose.yaml")
        let first = try app.commit("one")
        let good = try await fixture.source.head(of: "main", at: url)
        try await fixture.source.markGood(good, stack: stack, at: url)

        try run(["dd", "if=/dev/urandom", "of=\(app.path)/large", "bs=1M", "count=4"])
        try app.commit("two")
        for _ in 0..<3 {
            await expectError(.outOfDisk) {
                try await fixture.source.head(of: "main", at: url)
            }
        }
        #expect(try await fixture.source.lastFetched(branch: "main", at: url)?.id == first)
        #expect(try await fixture.source.good(stack: stack, at: url) == good)
        let snapshot = try await fixture.source.snapshot(of: good, at: url)
        #expect(try snapshot.read("compose.yaml") == Array("small".utf8))
        let mirror = try #require(fixture.mirrors().first)
        try run(["git", "-C", mirror, "fsck", "--strict"])
        let left = try FileManager.default.contentsOfDirectory(atPath: mirror + "/objects/pack")
        #expect(left.count == 2, "one pack and its index")

        try run(["mount", "-o", "remount,size=16m", mirrors])
        #expect(try await fixture.source.head(of: "main", at: url).subject == "two")
    }
}
