internal import Model

/// What services mount of their commit: the volumes, the way into them, and the mounts.
extension Gate {
    /// An archive without entries, under the name that nothing else has.
    func importEmptyImage(_ call: Call, _ body: [UInt8]?) throws(Objection) {
        try call.matches("POST", "images", "create")
        let query = try call.queries("fromSrc", "repo", "tag")
        guard query["fromSrc"] == "-", query["repo"] == EmptyImage.repository,
            query["tag"] == EmptyImage.tag
        else { throw Objection(.content, "query", "this is not the empty image") }
        guard body == EmptyImage.archive else {
            throw Objection(.content, "body", "this image would not be empty")
        }
    }

    /// A container of the empty image that mounts volumes of contents, each at its own name, and
    /// granted paths to be looked at, and has nothing else.
    func createCarrier(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "containers", "create")
        let name = ContentVolume.carrier(of: stack, controller: controller)
        guard let given = try call.queries("name")["name"], Text.equal(given, name) else {
            throw Objection(.name, "query.name", "this is not what the carrier is called")
        }
        for mount in try mounts(ofEmpty: body, .carrier) { try judge(carried: mount) }
    }

    /// What a container of the empty image mounts that has nothing else.
    func mounts(ofEmpty body: BodyField, _ kind: ObjectKind) throws(Objection) -> [BodyField] {
        let members = try body.members(["Image", "Cmd", "Labels", "HostConfig"])
        let image = try members.required("Image", .image)
        guard let empty = contents.emptyImage, try Text.equal(image.string(), empty) else {
            throw image.objection(.image, "it is of the empty image alone")
        }
        _ = try members.required("Cmd").strings()
        try judge(labels: members.required("Labels", .label), of: kind)
        let host = try members.required("HostConfig").members(["NetworkMode", "Mounts"])
        let mode = try host.required("NetworkMode", .network)
        guard try mode.string() == "none" else {
            throw mode.objection(.network, "it joins no network")
        }
        return try host.required("Mounts").elements()
    }

    private func judge(carried mount: BodyField) throws(Objection) {
        let members = try mount.members(["Type", "Source", "Target", "VolumeOptions", "ReadOnly"])
        if try members.required("Type").string() == "bind" {
            return try judge(lookedAt: mount, members)
        }
        let source = try members.required("Source", .content).string()
        let options = try members.required("VolumeOptions").members(["NoCopy"])
        guard try members.required("Type").string() == "volume", isOwnContent(source),
            owned.contains(source),
            try Text.equal(members.required("Target").string(), "/" + source),
            try options.required("NoCopy").bool(), members["ReadOnly"] == nil
        else { throw mount.objection(.content, "this is no content of the stack") }
    }

    /// A granted path itself, for reading, at a number: nothing runs in a carrier that could.
    private func judge(lookedAt mount: BodyField, _ members: Members) throws(Objection) {
        let target = try members.required("Target").string()
        guard try grants.isRoot(members.required("Source", .bind).string()),
            try members.required("ReadOnly", .bind).bool(), members["VolumeOptions"] == nil,
            target.utf8.first == 0x2F,
            Text.number(String(target.dropFirst()), atMost: 10_000) != nil
        else { throw mount.objection(.bind, "this is no granted path to be looked at") }
    }

    /// The very bytes that the stack's content is, into the volume that bears their digest.
    func ship(_ call: Call, _ body: [UInt8]?) throws(Objection) {
        let id = try call.matches("PUT", "containers", "*", "archive")
        try own(id, call)
        guard let path = try call.queries("path")["path"], path.utf8.first == 0x2F,
            let content = contents.content(String(path.dropFirst()))
        else { throw Objection(.content, "query.path", "this is no content of the stack") }
        guard let body, ArchiveCheck.passes(body) else {
            throw Objection(.content, "body", "this archive holds more than plain files")
        }
        guard contents.digest(of: content, is: body) else {
            throw Objection(.content, "body", "these are not the bytes of the content")
        }
    }

    /// Whether `name` is the volume of a content that policy admitted for this stack.
    func isOwnContent(_ name: String) -> Bool {
        guard let volume = ContentVolume(name: name) else { return false }
        return volume.belongs(to: stack, controller: controller) && contents.content(name) != nil
    }

    /// Takes away a content's volume, which the name alone shows that it is.
    func removeContent(_ call: Call) throws(Objection) {
        let name = try call.matches("DELETE", "volumes", "*")
        _ = try call.queries()
        guard let volume = ContentVolume(name: name),
            volume.belongs(to: stack, controller: controller)
        else { throw Objection(.content, "path", "this is no content of the stack") }
        guard let target = call.target, Text.equal(target, name), owned.contains(name) else {
            throw Objection(.ownership, "path", "the journal doesn't own this volume")
        }
    }

    /// Judges the mount of a content; false when it is of something else.
    func judge(content mount: BodyField, _ members: Members) throws(Objection) -> Bool {
        let source = try members["Source"]?.string() ?? ""
        let isBind = try members.required("Type", .bind).string() == "bind"
        let name = isBind ? contents.volume(boundBy: source)?.name : source
        guard let name, Text.hasPrefix(name, ContentVolume.prefix) else { return false }
        guard isOwnContent(name), let content = contents.content(name) else {
            throw mount.objection(.content, "this is no content of the stack")
        }
        guard owned.contains(name) else {
            throw mount.objection(.ownership, "the journal doesn't own this volume")
        }
        guard try members["ReadOnly"]?.bool() == true, members["BindOptions"] == nil,
            members["TmpfsOptions"] == nil
        else { throw mount.objection(.content, "a content is mounted for reading alone") }
        if isBind { return true }
        let options = try members.required("VolumeOptions").members(["NoCopy", "Subpath"])
        guard try options.required("NoCopy").bool() else {
            throw mount.objection(.content, "the image's files would be copied over the content")
        }
        let subpath = try options["Subpath"]?.string()
        guard subpath == (content.kind == .file ? ContentArchive.fileName : nil) else {
            throw mount.objection(.content, "this is not all of the content")
        }
        return true
    }
}
