package import Model

/// Why an image can't be had or can't be run here, and what a person can do about it.
///
/// It is the image's trouble and not the engine's: what runs is repaired meanwhile.
package struct ImageTrouble: ClassifiedError, Hashable, Sendable, CustomStringConvertible {
    package let kind: StepFailure.Kind
    /// One sentence without a full stop.
    package let description: String
    package let remedy: String?
    package let want: Want?

    package init(
        _ kind: StepFailure.Kind,
        _ description: String,
        remedy: String? = nil,
        want: Want? = nil
    ) {
        self.kind = kind
        self.description = description
        self.remedy = remedy
        self.want = want
    }
}
