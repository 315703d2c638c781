internal import Admission
internal import Model

/// A diagnostic as programs read it.
struct Finding: Encodable {
    /// The rule of policy, or the loader's code.
    var rule: String
    /// What the rule is about, or the attribute that can't be loaded.
    var `class`: String
    var severity: String
    var path: String?
    var line: Int?
    var column: Int?
    var field: String?
    var message: String
    var fix: String?

    init(_ diagnostic: Diagnostic) {
        rule = diagnostic.code
        `class` = Rule.Topic.of(diagnostic).rawValue
        severity = diagnostic.severity.rawValue
        path = diagnostic.location?.file
        line = diagnostic.location?.line
        column = diagnostic.location?.column
        field = diagnostic.field?.description
        message = diagnostic.message
        fix = diagnostic.fix
    }
}
