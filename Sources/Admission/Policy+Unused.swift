internal import Model

/// What no service uses is never made, and is judged all the same: whoever reviewed a file has
/// reviewed all of it, and a use is one line of another.
extension Policy {
    /// What policy denies of what no service uses; nothing under the profile `privileged`.
    func denialsOfUnused(in reading: StackReading) -> [Diagnostic] {
        guard let unused = reading.unused, tenant.profile != .privileged else { return [] }
        let denied: [Diagnostic]
        do {
            _ = try admit(unused)
            denied = []
        } catch {
            denied = error.diagnostics.filter { $0.severity == .error }
        }
        let isNeeded = reading.dormant?.stack.declared ?? []
        return denied.compactMap { finding in
            guard let field = finding.field, !isNeeded.contains(where: field.isWithin) else {
                return nil
            }
            var told = finding
            told.message += " (no service uses it)"
            return told
        }
    }
}

extension Stack {
    /// The paths of what stands beside its services.
    var declared: Set<FieldPath> {
        Set(
            networks.keys.map { FieldPath("networks", $0) }
                + volumes.keys.map { FieldPath("volumes", $0) }
                + configs.keys.map { FieldPath("configs", $0) }
                + secrets.keys.map { FieldPath("secrets", $0) } + ownFiles.map(\.path)
        )
    }
}
