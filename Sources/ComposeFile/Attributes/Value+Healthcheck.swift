internal import Model

/// `healthcheck`.
extension Value {
    var healthcheck: Service.Healthcheck? {
        var draft = HealthcheckDraft()
        Schema.healthcheck.read(self, into: &draft)
        if draft.isDisabled { draft.healthcheck.test = ["NONE"] }
        return isMapping ? draft.healthcheck : nil
    }

    /// `test`: a text is for the shell; a list says itself how it is run.
    fileprivate var healthTest: [String]? {
        guard isList else { return string.map { ["CMD-SHELL", $0] } }
        guard let words = elements?.compactMap(\.string), let first = words.first else {
            return nil
        }
        guard ["CMD", "CMD-SHELL", "NONE"].contains(first) else {
            fail(
                "invalid-healthcheck",
                "must start with CMD, CMD-SHELL or NONE",
                fix: "write [CMD, …] to run it, [CMD-SHELL, …] for a shell to do so"
            )
            return nil
        }
        return words
    }
}

private struct HealthcheckDraft {
    var healthcheck = Service.Healthcheck()
    var isDisabled = false
}

extension Schema where Target == HealthcheckDraft {
    fileprivate static let healthcheck = Schema(
        "a healthcheck",
        handled: [
            Attribute("test") { $1.healthcheck.test = $0.healthTest },
            Attribute("interval") { $1.healthcheck.interval = $0.duration },
            Attribute("timeout") { $1.healthcheck.timeout = $0.duration },
            Attribute("start_period") { $1.healthcheck.startPeriod = $0.duration },
            Attribute("retries") { $1.healthcheck.retries = $0.count },
            Attribute("disable") { $1.isDisabled = $0.bool ?? false },
        ],
        refused: ["start_interval": "write interval: alone"]
    )
}
