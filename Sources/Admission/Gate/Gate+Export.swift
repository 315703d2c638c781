internal import Model

/// The container through which a person reads a volume.
extension Gate {
    /// A container of the empty image under the name that its token makes, which mounts the one
    /// volume that a person asked for, for reading alone, and has nothing else.
    func createExport(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "containers", "create")
        let name = try call.queries("name")["name"] ?? ""
        let exports = exportedVolumes.flatMap { volume in
            claims.map {
                VolumeExport(of: volume, stack: stack, controller: controller, claim: $0)
            }
        }
        guard exports.contains(where: { Text.equal($0.name, name) }) else {
            throw Objection(.name, "query.name", "this is not what it is called")
        }
        let mounts = try mounts(ofEmpty: body, .export)
        guard mounts.count == 1, let mount = mounts.first else {
            throw Objection(.content, "body.HostConfig.Mounts", "this is not the one volume")
        }
        let members = try mount.members(["Type", "Source", "Target", "VolumeOptions", "ReadOnly"])
        let source = try members.required("Source", .content).string()
        let options = try members.required("VolumeOptions").members(["NoCopy"])
        guard try members.required("Type").string() == "volume",
            exportedVolumes.contains(where: { Text.equal($0, source) }), owned.contains(source),
            ContentVolume(name: source) == nil,
            try Text.equal(members.required("Target").string(), VolumeExport.target),
            try options.required("NoCopy").bool(), try members.required("ReadOnly").bool()
        else { throw mount.objection(.content, "nobody asked for this volume") }
    }
}
