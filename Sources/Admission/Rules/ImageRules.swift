internal import Model

extension Rule {
    static let imageReference = Rule(
        "image-reference",
        .image,
        because: "what can't be read as a name, or may be an id, doesn't say whose image it is",
        fix: "write [registry/]repository[:tag], in lower case and with a tag",
        .service { review in
            guard case .noReference = review.image else { return [] }
            let field = review.path / "image"
            guard let unset = review.unset(at: field) else {
                return [Finding("this is no name of an image", at: field)]
            }
            let what = unset.message.prefix { $0 != ";" }
            return [
                Finding("this is no name of an image, since \(what)", at: field, fix: unset.fix)
            ]
        }
    )

    static let imageGranted = Rule(
        "image-granted",
        .image,
        because: "images come only from registries that the operator trusts",
        fix: "push the image to a granted registry",
        .service { review in
            guard case .notGranted(let reference) = review.image else { return [] }
            let granted = review.grants.registries.sorted().joined(separator: ", ")
            return [
                Finding(
                    "\(reference.name) is not granted",
                    at: review.path / "image",
                    fix: "use an image below one of: \(granted.isEmpty ? "(none)" : granted)"
                )
            ]
        }
    )

    static let imageTag = Rule(
        "image-tag",
        .image,
        because: "a name without a fixed tag or digest is another image tomorrow",
        fix: "write the tag of a version, or a digest",
        .service { review in
            let fix = review.grants.imageTags.fix
            let own = review.grants.objection(tagOf: review.image).map {
                Finding($0, at: review.path / "image", fix: fix)
            }
            let mounts = review.service.volumes.enumerated().compactMap {
                index,
                mount -> Finding? in
                guard case .image(let reference) = mount.source else { return nil }
                return review.grants.objection(tagOf: reference).map {
                    Finding($0, at: (review.path / "volumes")[index], fix: fix)
                }
            }
            return [own].compactMap { $0 } + mounts
        }
    )
}

extension Grants {
    /// Why an image that is granted may not be named so, as to its tag; nil when it may.
    func objection(tagOf text: String) -> String? { objection(tagOf: judge(image: text)) }

    /// The same of one that was judged.
    fileprivate func objection(tagOf image: ImageVerdict) -> String? {
        guard case .granted(let reference) = image, reference.digest == nil else { return nil }
        switch imageTags {
        case .any: return nil
        case .digest: return "this image is named without a digest"
        case .named:
            guard let tag = reference.tag else { return "this image is named without a tag" }
            return Text.equal(tag, "latest") ? "the tag latest moves" : nil
        }
    }
}

extension Grants.ImageTags {
    fileprivate var fix: String {
        self == .digest
            ? "write the digest, as docker image inspect shows it: name:tag@sha256:…"
            : "write the tag of a version, or a digest"
    }
}

extension ServiceReview {
    /// The loader's warning of a variable in `field` that has no value.
    fileprivate func unset(at field: FieldPath) -> Diagnostic? {
        guard let place = stack.places.location(of: field) else { return nil }
        return stack.warnings.first { $0.code == "unset-variable" && $0.location == place }
    }
}
