internal import Admission
internal import Model

extension Desired {
    /// What of the stack is written on one node alone, in words and sorted; empty where it can be
    /// made anew on another.
    ///
    /// Any declared volume counts, mounted for reading or not: another node would have an empty
    /// one.
    /// So does the volume that an image brings where nothing is mounted; images that are not known
    /// yet bring none that can be told, see ``isResolved``.
    package var ties: [String] {
        let stack = admitted.stack
        var ties = stack.volumes.values.map { "volume \($0.name)" }
        for (name, service) in stack.services {
            for mount in service.volumes {
                switch mount.source {
                case .bind(let path) where !mount.readOnly:
                    ties.append("\(path), which \(name) writes")
                case .anonymous:
                    ties.append("the volume of \(name) at \(mount.target)")
                case .bind, .volume, .content, .external, .memory, .image, .other: break
                }
            }
            let mounted = service.volumes.map(\.target) + service.tmpfs.keys
            let brought = Set(pins[name]?.config.volumes ?? []).subtracting(mounted)
            ties += brought.map { "the volume that the image of \(name) has at \($0)" }
        }
        return Set(ties).sorted()
    }
}
