/// Which volume is to be read.
package struct VolumeQuestion: Hashable, Codable, Sendable {
    package var volume: String
    /// The node that has it; nil where one alone has one of that name.
    package var node: String?

    package init(_ volume: String, on node: String? = nil) {
        self.volume = volume
        self.node = node
    }
}

/// Lives for as long as somebody may read a volume.
final class VolumeReader: Sendable {
    /// Tells whether somebody may still.
    struct Mark: Sendable {
        private(set) weak var reader: VolumeReader?

        init(_ reader: VolumeReader) { self.reader = reader }
    }
}
