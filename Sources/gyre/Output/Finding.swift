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

    /// With every member, null where there is nothing to say.
    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(rule, forKey: .rule)
        try members.encode(`class`, forKey: .class)
        try members.encode(severity, forKey: .severity)
        try members.encode(path, forKey: .path)
        try members.encode(line, forKey: .line)
        try members.encode(column, forKey: .column)
        try members.encode(field, forKey: .field)
        try members.encode(message, forKey: .message)
        try members.encode(fix, forKey: .fix)
    }

    private enum CodingKeys: String, CodingKey {
        case rule, `class`, severity, path, line, column, field, message, fix
    }
}
