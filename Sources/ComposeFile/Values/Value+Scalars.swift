internal import Model
internal import YAMLTree

// Source of the casts: compose-go converts text to the type of the attribute after interpolation,
// with Go's `strconv` and a list of words for booleans.
extension Value {
    /// Text; a number or a boolean is none, because YAML may already have changed it.
    var string: String? {
        guard !isUnresolved else { return nil }
        if case .string(let text) = node.scalar { return text }
        let fix = node.text.map { "put it in quotes: \"\($0)\"" }
        failType("a string", fix: isNull || node.text == nil ? nil : fix)
        return nil
    }

    /// Text that isn't empty.
    var nonEmptyString: String? {
        guard let string else { return nil }
        guard !string.isEmpty else {
            fail("empty-value", "must not be empty")
            return nil
        }
        return string
    }

    /// A truth value, also one written as text.
    var bool: Bool? {
        guard !isUnresolved else { return nil }
        switch node.scalar {
        case .bool(let value): return value
        case .string(let text): return bool(of: text)
        default:
            failType("true or false")
            return nil
        }
    }

    private func bool(of text: String) -> Bool? {
        let value: Bool
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        case "y", "yes", "on": value = true
        case "n", "no", "off": value = false
        default:
            fail("invalid-boolean", "must be true or false", not: text)
            return nil
        }
        warn(
            "obsolete-boolean",
            "is read as \(value), though yes, no, on and off are text in YAML 1.2",
            fix: "write \(value)"
        )
        return value
    }

    /// A whole number, also one written as text.
    var integer: Int? {
        guard !isUnresolved else { return nil }
        switch node.scalar {
        case .int(let value):
            if let value = Int(exactly: value) { return value }
            fail("invalid-number", "is too large a number")
        case .string(let text):
            if let value = Int(text) { return value }
            fail("invalid-number", "must be a whole number", not: text)
        case .double where node.scalar?.isVast == true:
            fail("invalid-number", "is too large a number")
        default: failType("a whole number")
        }
        return nil
    }

    /// A whole number that isn't negative.
    var count: Int? {
        guard let integer else { return nil }
        guard integer >= 0 else {
            fail("invalid-number", "must not be negative")
            return nil
        }
        return integer
    }

    /// A finite number, also one written as text.
    var number: Double? {
        guard !isUnresolved else { return nil }
        switch node.scalar {
        case .int(let value): return Double(value)
        case .double(let value) where value.isFinite: return value
        case .string(let text):
            if let value = GoNumber.float(text) { return value }
            fail("invalid-number", "must be a number", not: text)
        default: failType("a number")
        }
        return nil
    }

    /// A span of time such as `1m30s`.
    var duration: Nanoseconds? {
        guard !isUnresolved else { return nil }
        guard case .string(let text) = node.scalar else {
            failType("a duration such as 90s", fix: node.text.map { "write \($0)s for seconds" })
            return nil
        }
        do {
            let duration = try GoDuration.parse(text, hasDays: !loading.isForSwarm)
            // What Compose drops docker/cli would send.
            if loading.isForSwarm, duration.count < 0 {
                fail("invalid-duration", "must not be negative", fix: "write such as 90s")
            }
            return duration
        } catch {
            fail(
                "invalid-duration",
                "must be a duration (\(error.reason))",
                not: text,
                fix: error.fix
            )
            return nil
        }
    }

    /// A number of bytes such as `512m`; nil without a word for zero, which means no limit, and
    /// for a number with a fraction, which Compose passes over.
    var size: ByteCount? {
        guard !isUnresolved else { return nil }
        var size: ByteCount?
        switch node.scalar {
        case .int(let value): size = Int64(exactly: value).map(ByteCount.init)
        case .string(let text): size = ByteSize.parse(text)
        default: break
        }
        guard let size else {
            if case .double = node.scalar {
                let isVast = node.scalar?.isVast == true
                warn(
                    "invalid-size",
                    isVast
                        ? "is more than any machine has, and Compose passes over it"
                        : "has a fraction, and Compose passes over it",
                    fix: isVast
                        ? "write less, such as 8g" : "write a whole number, or a unit as in 1.5g"
                )
                return nil
            }
            fail(
                "invalid-size",
                "must be a number of bytes",
                not: node.text ?? node.kind,
                fix: "write such as 512m or 2g; units count in steps of 1024"
            )
            return nil
        }
        return size.bytes == 0 ? nil : size
    }

    /// A scalar of any type as the text that Compose makes of it; null is the empty text.
    var text: String? {
        guard !isUnresolved, let scalar = node.scalar else {
            failType("a string, a number or a boolean")
            return nil
        }
        guard let text = GoText.of(scalar, node: node) else {
            fail("invalid-number", "must be a finite number")
            return nil
        }
        return text
    }
}
