/// Paths with `/` between components, taken apart by their text alone.
enum CleanPath {
    /// `path` without empty and `.` components; `..` stays where it is.
    static func withoutDots(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// `path` as Go's `path.Clean` has it; a relative one stays relative, `..` at its start too.
    static func cleaned(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return resolved(path) }
        var result: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = result.last, last != ".." {
                result.removeLast()
            } else {
                result.append(part)
            }
        }
        return result.isEmpty ? (path.isEmpty ? "" : ".") : result.joined(separator: "/")
    }

    /// Whether it lies among git's own files, which no commit holds, however they are spelt.
    static func isOfGit(_ path: String) -> Bool {
        path.split(separator: "/").contains { $0.utf8.count == 4 && $0.lowercased() == ".git" }
    }

    /// Whether a part of it is somebody's home, which a shell would put there.
    static func isOfHome(_ path: String) -> Bool {
        path.split(separator: "/").contains { $0.hasPrefix("~") }
    }

    /// `path` seen from `folder`, cleaned.
    static func joined(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") { return resolved(path) }
        let whole = cleaned(folder.isEmpty ? path : "\(folder)/\(path)")
        return whole == "." ? "" : whole
    }

    /// `path` as it is seen from `folder`, both from one root.
    static func relative(_ path: String, to folder: String) -> String {
        var to = path.split(separator: "/")[...]
        var from = folder.split(separator: "/")[...]
        while let first = to.first, first == from.first {
            to.removeFirst()
            from.removeFirst()
        }
        let parts = from.map { _ in ".." } + to.map(String.init)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The folder that holds `path`; the empty text is the root of a tree.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of `path`.
    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// `path` with `..` applied too, as Go's `path.Clean` does and the engine to a target.
    static func resolved(_ path: String) -> String {
        var result: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = result.popLast() } else { result.append(part) }
        }
        return "/" + result.joined(separator: "/")
    }
}
