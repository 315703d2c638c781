/// The volume that holds one content of one stack: `gyre.CONTROLLER.PROJECT.DIGEST`.
///
/// Only such a name makes one, so what takes it can never name a volume with data: no name of a
/// project or stack holds a dot, and policy lets no file name an object so.
package struct ContentVolume: Hashable, Codable, Sendable, Comparable {
    package let name: String

    /// How much of a digest is in the name, in hexadecimal digits.
    private static let digits = 32

    /// The volume of `content`.
    package init(of content: Content, in stack: StackID, controller: String) {
        let digest = content.digest.prefix(ContentVolume.digits)
        name = "\(ContentVolume.carrier(of: stack, controller: controller)).\(digest)"
    }

    /// Reads a volume's name; nil when it is no content's.
    package init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "gyre", parts[3].utf8.count == ContentVolume.digits,
            parts[3].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.name = name
    }

    /// The volume whose file is bound by this path of a node; see ``Content/Kind``.
    package init?(bound path: String) {
        let parts = path.split(separator: "/")
        guard parts.count >= 3, parts.suffix(2) == ["_data", ContentArchive.fileName[...]] else {
            return nil
        }
        self.init(name: String(parts[parts.count - 3]))
    }

    /// Whether it is one of `stack`'s.
    package func belongs(to stack: StackID, controller: String) -> Bool {
        name.hasPrefix(ContentVolume.carrier(of: stack, controller: controller) + ".")
    }

    /// What the container is called through which a stack's contents are shipped.
    package static func carrier(of stack: StackID, controller: String) -> String {
        "\(prefix)\(controller).\(stack.composeProjectName)"
    }

    /// What all names of ours begin with that no compose project has.
    package static let prefix = "gyre."

    package static func < (a: ContentVolume, b: ContentVolume) -> Bool { a.name < b.name }
}

/// The image that a carrier is made of: a name that no registry can have (RFC 2606), and nothing
/// in it.
package enum EmptyImage {
    package static let repository = "gyre.invalid/content"
    package static let tag = "1"
    package static let reference = "\(repository):\(tag)"
    /// An archive without entries.
    package static let archive = [UInt8](repeating: 0, count: 1024)
    /// The only layer that the image may have, as an engine calls it.
    package static let layer = "sha256:" + SHA256Hex.of(archive)
}
