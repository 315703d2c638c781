/// What an image is made for, and what a node is, in the words of the OCI image specification.
struct Platform: Hashable, Sendable, CustomStringConvertible {
    let os: String
    let architecture: String

    /// Whether a node of this platform runs what was made for `image`.
    ///
    /// Source: containerd's default order of platforms: amd64 runs 386, arm64 runs arm. Who
    /// doesn't say what it is, image or node, is given the benefit of the doubt.
    func runs(_ image: Platform) -> Bool {
        let also = ["amd64": "386", "arm64": "arm"]
        let architectures = [architecture, also[architecture], ""]
        let isOurs = os.isEmpty || image.os.isEmpty || image.os == os
        return isOurs && (architecture.isEmpty || architectures.contains(image.architecture))
    }

    var description: String { "\(os)/\(architecture)" }
}
