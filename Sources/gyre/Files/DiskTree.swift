internal import ComposeFile
internal import FoundationEssentials
internal import Model

/// The files of the machine, for a person who asks what a compose file means.
///
/// Paths are absolute; `-` in the folder that the question is asked in is standard input.
struct DiskTree: FileTree {
    private let limit = 16 << 20
    private let input: (path: String, bytes: [UInt8])?

    /// `input` is what standard input holds, where a file is called `-`.
    init(directory: String, input: [UInt8]?) {
        self.input = input.map { ("\(directory)/-", $0) }
    }

    func read(_ path: String) throws(Snapshot.ReadError) -> [UInt8] {
        if let input, path == input.path { return input.bytes }
        let kind: FileBytes.Kind?
        do {
            kind = try FileBytes.kind(of: path, followingLink: true)
        } catch {
            throw .missing
        }
        switch kind {
        case nil: throw .missing
        case .directory: throw .isDirectory
        case .file(let size) where size > Int64(limit): throw .tooLarge(byteCount: size)
        default: break
        }
        do {
            return try FileBytes.read(path, limit: limit, followingLink: true)
        } catch {
            throw .missing
        }
    }

    func hasFile(_ path: String) -> Bool {
        if let input, path == input.path { return true }
        switch try? FileBytes.kind(of: path, followingLink: true) {
        case .file, .other: return true
        default: return false
        }
    }
}
