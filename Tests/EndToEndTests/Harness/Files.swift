import Glibc

/// Files and folders of a test.
enum Files {
    /// All bytes from where `file` stands to its end.
    static func rest(of file: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }

    /// The text of a file from `offset` on; empty when it is not there.
    static func text(of path: String, from offset: Int = 0) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        lseek(file, off_t(offset), SEEK_SET)
        return String(decoding: rest(of: file), as: UTF8.self)
    }

    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func write(_ text: String, to path: String, _ mode: mode_t = 0o644) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw Program.Failure(description: "can't write \(path)") }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Program.Failure(description: "can't write \(path)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Flips bits in the middle of a file.
    static func corrupt(_ path: String) throws {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw Program.Failure(description: "can't open \(path)") }
        defer { close(file) }
        var bytes = rest(of: file)
        let middle = bytes.count / 2
        for index in bytes.indices where abs(index - middle) < 512 { bytes[index] ^= 0x5A }
        _ = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw Program.Failure(description: "can't make \(path)")
        }
    }

    /// A new folder with a short name, so that sockets in it have room.
    static func temporaryFolder() throws -> String {
        var template = Array("/var/tmp/gyre-e2e-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else {
            throw Program.Failure(description: "can't make a temporary folder")
        }
        return String(cString: path)
    }

    static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
