/// One line of what a pull reports.
package struct PullProgress: Hashable, Sendable {
    /// Such as `Downloading`, or a whole sentence.
    package var status: String
    /// Short id of the layer it is about.
    package var layer: String?
    /// Bytes of that layer; nil where the engine doesn't count.
    package var current: Int64?
    package var total: Int64?

    package init(
        status: String,
        layer: String? = nil,
        current: Int64? = nil,
        total: Int64? = nil
    ) {
        self.status = status
        self.layer = layer
        self.current = current
        self.total = total
    }
}
