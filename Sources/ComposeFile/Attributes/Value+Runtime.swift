internal import Model

/// Attributes of a service that are a single thing.
extension Value {
    /// `command` and `entrypoint`: null leaves the image's, an empty one clears it.
    var command: [String]? {
        guard !isNull, !isUnresolved else { return nil }
        if isList { return elements?.compactMap(\.string) }
        guard let string else { return nil }
        guard let line = CommandLine(string) else {
            fail(
                "invalid-command",
                "has a quote, parenthesis or backslash that nothing closes",
                fix: "write a list: [\"sh\", \"-c\", \"…\"]"
            )
            return nil
        }
        if line.isCut {
            warn(
                "command-cut",
                "ends at the first unquoted ; & | < or >; the rest is dropped",
                fix: "let a shell run it: [\"sh\", \"-c\", \"…\"]"
            )
        }
        return line.arguments
    }

    /// Whole number of a limit, where zero means none.
    var limit: Int64? {
        guard let count, count > 0 else { return nil }
        return Int64(count)
    }

    /// CPUs in billionths; nil for zero, which is no limit.
    var nanoCPUs: Int64? {
        guard let number else { return nil }
        guard number >= 0, number < 1_000_000 else {
            fail("invalid-number", "must be a number of CPUs")
            return nil
        }
        return number == 0 ? nil : Int64((number * 1e9).rounded())
    }

    /// `restart`.
    var restartPolicy: Service.RestartPolicy? {
        guard let string else { return nil }
        switch string {
        case "no": return .no
        case "always": return .always
        case "unless-stopped": return .unlessStopped
        case "on-failure": return .onFailure(retries: 0)
        default: break
        }
        let prefix = "on-failure:"
        if string.hasPrefix(prefix), let retries = Int(string.dropFirst(prefix.count)), retries >= 0
        {
            return .onFailure(retries: retries)
        }
        fail(
            "invalid-restart",
            "must be a restart policy",
            not: string,
            fix: "write one of \"no\", always, unless-stopped, on-failure, on-failure:3"
        )
        return nil
    }

    /// `cgroup`, which has two values.
    var cgroup: String? {
        guard let string else { return nil }
        guard string == "host" || string == "private" else {
            fail("invalid-value", "must be host or private", not: string)
            return nil
        }
        return string
    }

    /// A list of texts without repetition, the place of each remembered by its index.
    var recordedStrings: [String] {
        (uniqueStrings ?? []).enumerated().map { index, text in
            text.value.record(at: path[index])
            return text.text
        }
    }

    /// `devices`, each as `source:target:permissions`.
    var devices: [String] {
        (elements ?? []).enumerated().compactMap { index, element in
            element.record(at: path[index])
            guard element.isMapping else { return element.nonEmptyString }
            var device = Device()
            Schema.device.read(element, into: &device)
            return [device.source, device.target, device.permissions].compactMap { $0 }
                .joined(separator: ":")
        }
    }
}

private struct Device {
    var source: String?
    var target: String?
    var permissions: String?
}

extension Schema where Target == Device {
    fileprivate static let device = Schema(
        "a device",
        handled: [
            Attribute("source") { $1.source = $0.nonEmptyString },
            Attribute("target") { $1.target = $0.nonEmptyString },
            Attribute("permissions") { $1.permissions = $0.nonEmptyString },
        ]
    )
}
