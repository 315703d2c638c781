internal import Model

extension Grants {
    /// Whether `text` names an image that may run, by registry and whole path components.
    ///
    /// A grant is a folder: `registry.example.org/astro` grants what lies below it.
    func judge(image text: String) -> ImageVerdict {
        guard let reference = ImageReference(text), !isPossibleID(text) else {
            return .noReference
        }
        let name = reference.name
        let isGranted = registries.contains { ImageVerdict.isBelow(name, $0) }
        return isGranted ? .granted(reference) : .notGranted(reference)
    }

    /// Hexadecimal digits alone may be the beginning of a local image's id, and `sha256:` with
    /// digits behind it is one; the engine would take either for the image that has it.
    private func isPossibleID(_ text: String) -> Bool {
        ["sha256:", "sha384:", "sha512:"].contains { Text.hasPrefix(text, $0) }
            || text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// What policy says of an image's name.
enum ImageVerdict: Hashable, Sendable {
    /// No name, or one that may be an image's id.
    case noReference
    case notGranted(ImageReference)
    case granted(ImageReference)

    /// Whether `name` lies below the folder `granted`, by whole path components.
    static func isBelow(_ name: String, _ granted: String) -> Bool {
        let slash = UInt8(ascii: "/")
        var folder = Substring(granted).utf8
        while folder.last == slash { folder.removeLast() }
        guard !folder.isEmpty, name.utf8.starts(with: folder) else { return false }
        let rest = name.utf8.dropFirst(folder.count)
        return rest.first == slash && rest.count > 1
    }

    static func components(_ name: String) -> [[UInt8]] {
        Array(name.utf8).split(separator: 0x2F).map(Array.init)
    }
}
