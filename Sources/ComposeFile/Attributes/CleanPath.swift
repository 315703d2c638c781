/// Paths with `/` between components, taken apart by their text alone.
enum CleanPath {
    /// `path` without empty and `.` components; `..` stays where it is.
    static func withoutDots(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
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
