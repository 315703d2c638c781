internal import Model

/// What the variables of one file are looked up in.
struct Scope {
    var environment: [String: String]
    /// Where a variable would be set, for the fix of a finding.
    var environmentFile: String
    /// False leaves every text as it stands.
    var isInterpolating = true
    /// Whether texts become what their attributes are, such as a number.
    var isCasting = true

    func variable(_ name: String) -> String? { environment[name] }
}
