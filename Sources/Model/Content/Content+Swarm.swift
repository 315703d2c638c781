extension Content {
    /// `app_site-0123456789ab`: what a Swarm calls it, never the same for two contents.
    ///
    /// At most 64 characters, which is what a Swarm takes.
    package func swarmName(in stack: StackID) -> String {
        let hash = SHA256Hex.of("\(isSecret)\n\(name)\n\(digest)").prefix(12)
        let letters = name.split(separator: " ").last.map(String.init) ?? ""
        let word = letters.lowercased().utf8.map { byte -> Character in
            let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? Character(Unicode.Scalar(byte)) : "-"
        }
        let project = stack.composeProjectName
        let room = 64 - project.utf8.count - 2 - hash.utf8.count
        let key = String(word.prefix(max(0, min(room, 24))))
        return key.isEmpty ? "\(project)_\(hash)" : "\(project)_\(key)-\(hash)"
    }
}
