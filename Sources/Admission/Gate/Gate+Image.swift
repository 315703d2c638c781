package import Model

/// Images are no stack's, so who removes one is asked another question.
extension Gate {
    /// The call that takes `image` off a node where Gyre brought it to.
    ///
    /// `brought` is what the journal has of that node. The call never forces: an engine refuses to
    /// remove what a container is made of, or what goes by names in several repositories.
    package static func removal(
        of image: NodeImage,
        among brought: [String: BroughtImage]
    ) throws(GateRefusal) -> CheckedRequest {
        let hex = image.id.hasPrefix("sha256:") ? String(image.id.dropFirst(7)) : image.id
        func refuse(_ check: GateCheck, _ message: String) -> GateRefusal {
            GateRefusal(check: check, action: .removeImage, field: "path", message: message)
        }
        guard isID(hex) else { throw refuse(.call, "this is no id of an image") }
        guard let known = brought[image.id] else {
            throw refuse(.ownership, "the journal doesn't know that Gyre brought this image")
        }
        guard known.unusedSince != nil, known.accounts(for: image) else {
            throw refuse(.ownership, "somebody has a use for this image")
        }
        return CheckedRequest(
            EngineRequest(
                .removeImage,
                "DELETE",
                "/images/\(hex)",
                query: [.init("noprune", "true")],
                target: image.id
            )
        )
    }
}
