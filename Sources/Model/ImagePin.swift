/// Exactly which image a reference meant when it was resolved, and what that image brings.
///
/// A pin belongs to a stack and the hash of a service's spec; repair and scaling reuse it, so
/// a tag that moved in between changes nothing.
package struct ImagePin: Hashable, Codable, Sendable {
    /// As the file writes it.
    package let reference: String
    /// The engine's id of the image, `sha256:…`.
    package let imageID: String
    /// `httpd@sha256:…` where a registry has the image, else nil.
    package let digest: String?
    package let config: ImageConfig

    package init(
        reference: String,
        imageID: String,
        digest: String?,
        config: ImageConfig = ImageConfig()
    ) {
        self.reference = reference
        self.imageID = imageID
        self.digest = digest
        self.config = config
    }

    /// The same image under the name that a file has for it; nil when it comes from another
    /// repository than that name.
    package func named(_ reference: String) -> ImagePin? {
        if let digest, ImageReference(digest)?.name != ImageReference(reference)?.name {
            return nil
        }
        return ImagePin(reference: reference, imageID: imageID, digest: digest, config: config)
    }

    /// What containers are created from: the digest, else the id.
    package var pinned: String { digest ?? imageID }

    /// Whether somebody has seen what it brings; a service of a Swarm can be taken over whose image
    /// no manager has.
    package var isKnown: Bool { imageID != digest }
}

/// What an image sets unless a file says otherwise.
package struct ImageConfig: Hashable, Codable, Sendable {
    package var user: String
    package var volumes: [String]
    package var labels: [String: String]
    package var hasHealthcheck: Bool
    /// Where its processes start; nil: it says nothing, or was pinned before this was looked at.
    package var workingDirectory: String?
    /// Nanoseconds between checks of its health; nil as above.
    package var checkInterval: Int64?
    /// The same while it starts.
    package var startInterval: Int64?

    package init(
        user: String = "",
        volumes: [String] = [],
        labels: [String: String] = [:],
        hasHealthcheck: Bool = false,
        workingDirectory: String? = nil,
        checkInterval: Int64? = nil,
        startInterval: Int64? = nil
    ) {
        self.user = user
        self.volumes = volumes
        self.labels = labels
        self.hasHealthcheck = hasHealthcheck
        self.workingDirectory = workingDirectory
        self.checkInterval = checkInterval
        self.startInterval = startInterval
    }
}
