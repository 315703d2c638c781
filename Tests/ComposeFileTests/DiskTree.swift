import ComposeFile
import Foundation
import Model

/// The files of the machine that the tests run on.
struct DiskTree: FileTree {
    func read(_ path: String) throws(Snapshot.ReadError) -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .missing
        }
        guard !isFolder.boolValue, let data = FileManager.default.contents(atPath: path) else {
            throw .isDirectory
        }
        return Array(data)
    }

    func hasFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && !isFolder.boolValue
    }
}
