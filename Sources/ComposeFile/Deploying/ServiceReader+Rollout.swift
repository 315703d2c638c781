internal import Model

/// How a service takes over from another version of itself.
extension ServiceReader {
    func readRollouts(into service: inout Service) {
        let deploy = value["deploy"]
        service.rollback = deploy?["rollback_config"].flatMap(rollout)
        guard let update = deploy?["update_config"], var rollout = rollout(update) else { return }
        rollout.failureAction = update["failure_action"].flatMap(failureAction) ?? .pause
        rollout.maximumFailureRatio = update["max_failure_ratio"].flatMap(part) ?? 0
        service.rollout = rollout
    }

    /// nil where nothing is said; what a section leaves out is as Docker documents it.
    private func rollout(_ value: Value) -> Service.Rollout? {
        guard value.isMapping, !value.node.isEmpty else { return nil }
        var rollout = Service.Rollout()
        if let parallelism = value["parallelism"], !parallelism.isNull {
            rollout.parallelism = parallelism.count ?? rollout.parallelism
        }
        rollout.delay = value["delay"].flatMap(pause) ?? rollout.delay
        rollout.monitor = value["monitor"].flatMap(pause) ?? rollout.monitor
        rollout.order =
            value["order"]?.node.string.flatMap(Service.Rollout.Order.init) ?? .stopFirst
        return rollout
    }

    private func pause(_ value: Value) -> Nanoseconds? {
        guard !value.isNull, let duration = value.duration else { return nil }
        guard duration.count >= 0, duration <= .seconds(86_400) else {
            value.fail("invalid-duration", "must be from 0s to 24h", fix: "write such as 30s")
            return nil
        }
        return duration
    }

    private func failureAction(_ value: Value) -> Service.Rollout.FailureAction? {
        guard !value.isNull, !value.isUnresolved, let text = value.node.string, !text.isEmpty else {
            return nil
        }
        if let action = Service.Rollout.FailureAction(rawValue: text) { return action }
        value.fail(
            "invalid-value",
            "must be a failure action",
            not: text,
            fix: "write one of pause, continue, rollback"
        )
        return nil
    }

    private func part(_ value: Value) -> Double? {
        guard !value.isNull, let number = value.number else { return nil }
        guard (0...1).contains(number) else {
            value.fail("invalid-number", "must be from 0 to 1", fix: "write such as 0.2")
            return nil
        }
        return number
    }
}
