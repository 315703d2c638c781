internal import Glibc
internal import Model

/// The folder of a git repository whose `.gyre.yaml` says what a folder within it is.
struct EnclosingFolder {
    let path: String
    /// The folder within, from there.
    let inner: String

    /// nil where `folder` has such a file itself, or lies in no repository that has one above it.
    ///
    /// The nearest counts. What is above the repository is another's.
    init?(of folder: String) {
        guard !EnclosingFolder.has(TenantFile.name, folder) else { return nil }
        var above = EnclosingFolder.components(of: folder)
        var inner: [String] = []
        var found: (path: String, inner: String)?
        while !above.isEmpty {
            let path = "/" + above.joined(separator: "/")
            if found == nil, EnclosingFolder.has(TenantFile.name, path), !inner.isEmpty {
                found = (path, inner.joined(separator: "/"))
            }
            if EnclosingFolder.has(".git", path) {
                guard let found else { return nil }
                (self.path, self.inner) = found
                return
            }
            inner.insert(above.removeLast(), at: 0)
        }
        return nil
    }

    /// From the root, without dots and links; none where there is no such folder.
    private static func components(of folder: String) -> [String] {
        guard let real = realpath(folder, nil) else { return [] }
        defer { free(real) }
        return String(cString: real).split(separator: "/").map(String.init)
    }

    private static func has(_ name: String, _ folder: String) -> Bool {
        (try? FileBytes.kind(of: "\(folder)/\(name)")) != nil
    }

    /// A place as it is seen from the folder within.
    func seen(_ place: SourceLocation) -> SourceLocation {
        SourceLocation(file: seen(place.file), line: place.line, column: place.column)
    }

    private var way: String {
        String(repeating: "../", count: inner.split(separator: "/").count)
    }

    private func seen(_ file: String) -> String {
        file.hasPrefix(inner + "/") ? String(file.dropFirst(inner.count + 1)) : way + file
    }

    /// The other way round.
    func outer(_ file: String) -> String {
        file.hasPrefix(way) ? String(file.dropFirst(way.count)) : "\(inner)/\(file)"
    }
}
