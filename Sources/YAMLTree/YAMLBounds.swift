/// How much a YAML file may ask for before it is refused.
package struct YAMLBounds: Sendable {
    /// Bytes of the file.
    package var bytes: Int
    /// Levels of sequences and mappings inside each other, aliases included.
    package var levels: Int
    /// Nodes that a walk of the tree visits, every alias counted as often as it is used.
    package var nodes: Int
    /// Findings that are gathered before the composer gives up.
    package var findings: Int

    /// Bounds that differ from the standard ones.
    package init(bytes: Int, levels: Int, nodes: Int, findings: Int = 100) {
        self.bytes = bytes
        self.levels = levels
        self.nodes = nodes
        self.findings = findings
    }

    /// What any file gets: 16 MiB, 64 levels, a million nodes.
    package static let standard = YAMLBounds(bytes: 16 << 20, levels: 64, nodes: 1_000_000)
}
