internal import Model

/// What no service uses is never made, so nothing of it is denied: a file that is shared, or half
/// cleaned up, is an honest one. Whoever comes to use it should know before.
extension Policy {
    /// Warnings of what policy would deny if a service used it.
    func remarks(on reading: StackReading) -> [Diagnostic] {
        guard let unused = reading.unused else { return [] }
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
            var remark = finding
            remark.severity = .warning
            remark.message += " (only told: no service uses it, so it is never made)"
            return remark
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
