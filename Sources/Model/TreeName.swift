/// Names in a tree that no honest commit has, since they mislead who checks it out or lists it.
///
/// Gyre checks nothing out. It refuses such a tree all the same: whoever reviewed it elsewhere has
/// seen something else. Source: git's `fsck`, "hasDotgit", with `is_hfs_dotgit` and
/// `is_ntfs_dotgit`.
package enum TreeName {
    /// Why an entry may not be called `name`; nil when it may.
    package static func objection(to name: String) -> String? {
        if name.isEmpty || name == "." || name == ".." || name.utf8.contains(0x2F) {
            return "is no name of a file"
        }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "has a control character in its name"
        }
        return isOfGit(name) ? "is called like git's own folder" : nil
    }

    /// Whether some file system takes `name` for `.git`.
    package static func isOfGit(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        // HFS+ leaves out what can't be seen; NTFS what is at the end, and after a colon.
        var visible = name
        visible.unicodeScalars.removeAll(where: isIgnored)
        let stream = visible.split(separator: ":", omittingEmptySubsequences: false)[0]
        var bare = stream.lowercased()[...]
        while let last = bare.last, last == "." || last == " " { bare.removeLast() }
        return bare == ".git" || bare == "git~1"
    }

    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: true
        default: false
        }
    }
}

extension Snapshot {
    /// A link whose path differs from another's entry by letter case alone, so that it would stand
    /// in for a folder or file where case is not told apart; nil where there is none.
    package static func linkInDisguise(_ entries: [String: Entry]) -> String? {
        var links: [String: String] = [:]
        for (path, entry) in entries {
            guard case .link = entry else { continue }
            // Two links that differ by case are as bad.
            if links.updateValue(path, forKey: path.lowercased()) != nil { return path }
        }
        guard !links.isEmpty else { return nil }
        func link(like path: String) -> String? {
            links[path.lowercased()].flatMap { $0 == path ? nil : $0 }
        }
        // Each folder once, however much is in it.
        for path in entries.keys {
            if let link = link(like: path) { return link }
        }
        for folder in folders(above: entries.keys) {
            if let link = link(like: folder) { return link }
        }
        return nil
    }
}
