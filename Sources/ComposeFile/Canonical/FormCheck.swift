internal import Model
internal import YAMLTree

/// Checks of a model that nobody checks as a whole, as for `--variables`, only what has to be a
/// list, a mapping or a text before anything else can be made of it.
///
/// Source: compose-go 2.16.1, its transformers and `EnforceUnicity`, as Docker Compose 5.6 answers:
/// a type that no form of an attribute has is refused there, and the schema is never asked.
struct FormCheck {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    func check(_ model: Value) {
        if let name = model["name"] { _ = isOf("snibz", name) }
        for part in model.members where FormCheck.tables.contains(part.name) {
            guard isOf("o", part) else { continue }
            let isService = part.name == "services" || part.name == "jobs"
            for member in part.members where isOf(isService ? "o" : "oz", member) {
                guard part.name == "services" else { continue }
                for attribute in member.members { check(attribute: attribute) }
            }
        }
    }

    private func check(attribute: Value) {
        guard let form = FormCheck.forms[attribute.name], isOf(form.types, attribute) else {
            return
        }
        for element in attribute.listed {
            if let types = form.elements { _ = isOf(types, element) }
        }
        for member in attribute.isMapping ? attribute.members : [] {
            if let types = form.named[member.name] ?? form.members { _ = isOf(types, member) }
        }
    }

    /// Whether a value has one of the types, else it is said.
    private func isOf(_ types: String, _ value: Value) -> Bool {
        let letter: Character =
            switch value.node.content {
            case .sequence: "a"
            case .mapping: types.contains("t") ? "t" : "o"
            case .scalar:
                switch value.node.scalar {
                case .null: "z"
                case .bool: "b"
                case .int: "i"
                case .double: "n"
                case .string, nil: "s"
                }
            }
        if letter == "t", value["target"] == nil {
            value.failMissing("target")
            return false
        }
        guard types.contains(letter) else {
            value.failType("what \(value.name) can be")
            return false
        }
        return true
    }

    private static let tables: Set = [
        "services", "jobs", "networks", "volumes", "secrets", "configs",
    ]

    /// A letter for each type: a string, an integer, another number, a boolean, null, a list, a
    /// mapping, and `t` for a mapping that has a target.
    private struct Form {
        var types = "snibzao"
        var elements: String?
        var members: String?
        /// Members by name.
        var named: [String: String] = [:]
    }

    private static let forms: [String: Form] = {
        let texts = [
            "annotations", "cap_add", "cap_drop", "dns", "dns_search", "environment",
            "external_links", "label_file", "labels", "profiles", "sysctls", "tmpfs",
        ]
        var forms = Dictionary(texts.map { ($0, Form(elements: "s")) }) { first, _ in first }
        forms["build"] = Form(types: "so", named: ["context": "s", "ssh": "ao"])
        forms["configs"] = Form(elements: "so", members: "snibao")
        forms["depends_on"] = Form(types: "ao", elements: "s", members: "o")
        forms["devices"] = Form(elements: "st", members: "snibao")
        forms["env_file"] = Form(types: "sa")
        forms["expose"] = Form(elements: "sin")
        forms["gpus"] = Form(types: "sa", elements: "o")
        forms["links"] = Form(types: "a", elements: "s")
        forms["networks"] = Form(types: "ao", elements: "s")
        forms["ports"] = Form(types: "a", elements: "sit")
        forms["secrets"] = forms["configs"]
        forms["ulimits"] = Form(elements: "sio", members: "sio")
        forms["volumes"] = Form(types: "a", elements: "st")
        return forms
    }()
}
