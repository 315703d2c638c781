package import Model

/// What a stack mounts of its commit, as the gate knows it: from what policy admitted, and where
/// the engine itself said that it keeps the volumes.
package struct GateContents: Sendable {
    private let contents: [ContentVolume: Content]
    /// Paths of the files in volumes, by volume, for engines that can't mount one by itself.
    private let places: [ContentVolume: String]
    /// The engine's id of the image that has nothing in it.
    let emptyImage: String?
    private let key: ContentKey

    package init(
        _ contents: [ContentVolume: Content] = [:],
        places: [ContentVolume: String] = [:],
        emptyImage: String? = nil,
        key: ContentKey = ContentKey()
    ) {
        self.contents = contents
        self.places = places
        self.emptyImage = emptyImage
        self.key = key
    }

    /// The content that belongs into the volume of this name.
    func content(_ name: String) -> Content? {
        contents.first { Text.equal($0.key.name, name) }?.value
    }

    /// The content that a Swarm brings to its nodes under this name.
    func content(swarm name: String, in stack: StackID) -> Content? {
        contents.values.first { Text.equal($0.swarmName(in: stack), name) }
    }

    /// Whether a file of `bytes` is what the content's digest says.
    func digest(of content: Content, isFile bytes: [UInt8]) -> Bool {
        for mode in content.attributes.map({ [$0.mode] }) ?? [0o644, 0o755] {
            var attributes = content.attributes ?? Content.Attributes()
            attributes.mode = mode
            let archive = try? ContentArchive(
                file: bytes,
                attributes,
                isSecret: content.isSecret
            )
            if let archive, digest(of: content, is: archive.bytes) { return true }
        }
        return false
    }

    /// Whether `archive` is what the content's digest says.
    func digest(of content: Content, is archive: [UInt8]) -> Bool {
        let digest = content.isSecret ? key.digest(of: archive) : SHA256Hex.of(archive)
        return Text.equal(digest, content.digest)
    }

    /// The volume of which a bind of `path` shows the file, and nothing else.
    ///
    /// The one exemption from the rules for binds: the path is the engine's own answer for a
    /// volume of this plan, and has the volume's name in it, so no file of a tenant leads here.
    func volume(boundBy path: String) -> ContentVolume? {
        guard AbsolutePath(path) != nil,
            let place = places.first(where: { Text.equal($0.value, path) }),
            ContentVolume(bound: path) == place.key, contents[place.key]?.kind == .file
        else { return nil }
        return place.key
    }
}
