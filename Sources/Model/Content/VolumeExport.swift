/// A volume on its way to a person: the container of ours that it is read through.
///
/// It is made for one export, mounts the volume for reading alone, is never started, and goes when
/// the export has ended.
package struct VolumeExport: Hashable, Sendable {
    package let volume: String
    package let stack: StackID
    package let controller: String
    /// A token that the journal knew before the container.
    package let claim: String

    package init(of volume: String, stack: StackID, controller: String, claim: String) {
        self.volume = volume
        self.stack = stack
        self.controller = controller
        self.claim = claim
    }

    /// Where the container has the volume.
    package static let target = "/volume"

    /// What the container is called, which no file can say.
    package var name: String {
        VolumeExport.start(of: stack, controller: controller) + claim.prefix(8)
    }

    /// Whether a container of `stack` is one, by its name.
    package static func isName(_ name: String, of stack: StackID, controller: String) -> Bool {
        name.hasPrefix(start(of: stack, controller: controller))
    }

    private static func start(of stack: StackID, controller: String) -> String {
        "\(ContentVolume.carrier(of: stack, controller: controller)).export."
    }
}
