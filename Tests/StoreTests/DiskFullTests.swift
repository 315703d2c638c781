import Foundation
import Glibc
import Model
import Store
import Testing

@Suite(.enabled(if: geteuid() == 0, "mounting needs root")) struct DiskFullTests {
    /// A file system of one mebibyte, taken away with the test.
    private final class SmallDisk {
        let directory: Directory

        init() throws {
            directory = try Directory()
            guard mount("tmpfs", directory.path, "tmpfs", 0, "size=1m") == 0 else {
                throw StoreError(.failed, "mount", String(cString: strerror(errno)))
            }
        }

        deinit { umount2(directory.path, CInt(MNT_DETACH)) }

        /// Takes all room but `left` bytes.
        func fill(leaving left: Int) throws {
            let url = URL(fileURLWithPath: directory.path + "/filler")
            try? FileManager.default.removeItem(at: url)
            var information = statvfs()
            statvfs(directory.path, &information)
            let free = Int(information.f_bavail) * Int(information.f_bsize)
            try Data(count: max(free - left, 0)).write(to: url, options: [])
        }
    }

    @Test("On a full disk an append leaves nothing, and works again when there is room")
    func full() async throws {
        let disk = try SmallDisk()
        let journal = try Journal.create(at: disk.directory.path)
        try await journal.append([owned(1)], at: noon)
        let before = journal.state()
        try disk.fill(leaving: 8192)
        await #expect {
            try await journal.append((2...300).map(owned), at: noon)
        } throws: {
            ($0 as? StoreError)?.code == .outOfDisk
        }
        #expect(journal.state() == before)
        #expect(try journal.verify().sequence == 1)
        try FileManager.default.removeItem(atPath: disk.directory.path + "/filler")
        try await journal.append([owned(2)], at: noon)
        let again = try #require(try Journal.open(at: disk.directory.path).sound)
        #expect(Set(again.state().owned.keys.map(\.id)) == ["c1", "c2"])
    }

    @Test("A journal that can't be made whole isn't made")
    func creating() throws {
        let disk = try SmallDisk()
        try disk.fill(leaving: 4096)
        #expect { try Journal.create(at: disk.directory.path) } throws: {
            ($0 as? StoreError)?.code == .outOfDisk
        }
        #expect(try Journal.open(at: disk.directory.path).isMissing)
        try FileManager.default.removeItem(atPath: disk.directory.path + "/filler")
        _ = try Journal.create(at: disk.directory.path)
    }

    @Test("A history that finds no room is kept in memory")
    func history() async throws {
        let disk = try SmallDisk()
        try disk.fill(leaving: 0)
        let opening = try History.open(at: disk.directory.path)
        #expect(opening.replaced != nil)
        try await opening.history.append(run("r1"))
        #expect(try await opening.history.run("r1") != nil)
    }
}
