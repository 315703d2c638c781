internal import Model
internal import Planning

/// What a failure says of the version.
extension Performer {
    /// A container that the engine can't start is the version's failure, not the world's.
    ///
    /// So is what a Swarm doesn't take, a service or a file; and, where a good one serves, a
    /// container that the engine doesn't take, and what may go well another time but must not be
    /// tried again by itself.
    func judge(_ error: any Error, of step: Step) async -> StepFailure {
        let failure = StepFailure(error)
        var isVerdict =
            switch failure.kind {
            case .permanent:
                if case .start = step.operation { true } else { isRefused(step.operation, error) }
            case .transient:
                reconciler.journal.state().good[plan.stack] != nil && isDear(error, step)
            case .verdict, .refused: false
            }
        if !isVerdict { isVerdict = await isMissed(failure, error, step) }
        guard isVerdict else { return failure }
        return StepFailure(.verdict, failure.message, remedy: failure.remedy)
    }

    /// Whether each further try would stop the good container, or fill a full disk again, which
    /// others need too; or there is nothing to try: the image was there when the plan was made.
    private func isDear(_ error: any Error, _ step: Step) -> Bool {
        guard let known = error as? any ClassifiedError, known.isAnswer else { return false }
        switch (step.operation, known.want) {
        case (.pullImage(let pull), .image):
            // A closed registry was asked for its digest beforehand.
            let image = ImageReference(pull.reference)
            return pull.digest != nil || image.map(reconciler.registries.isClosed) ?? false
        case (.pullImage, .room), (.createContainer, .room), (.createVolume, .room),
            (.createCarrier, .room), (.ship, .room), (.start, .room):
            return true
        case (.start, _): return step.takesDown
        default: return false
        }
    }

    /// Whether something was refused for what it is to be, which the same words would meet again.
    ///
    /// A container that is made, or joined to its networks, leaves its siblings at the new version
    /// beside what it was to replace; where nothing was good there is nothing else to go to.
    private func isRefused(_ operation: Operation, _ error: any Error) -> Bool {
        guard (error as? any ClassifiedError)?.blamesRequest == true else { return false }
        return switch operation {
        case .change(let change): change.kind == .service || change.isFileToBe
        case .createContainer, .connect: reconciler.journal.state().good[plan.stack] != nil
        default: false
        }
    }

    /// Whether a service can't be written, so that nobody serves in the place of a good one.
    ///
    /// That went first: it is of the same key and another mode, or has what the new one needs. It
    /// may be gone since an earlier run. What is only away, as a Swarm without a leader, is waited
    /// for.
    private func isMissed(
        _ failure: StepFailure,
        _ error: any Error,
        _ step: Step
    ) async -> Bool {
        guard case .change(let change) = step.operation, let service = change.service,
            let desired, reconciler.journal.state().good[plan.stack] != nil
        else { return false }
        switch (failure.kind, (error as? any ClassifiedError)?.want) {
        case (.permanent, _), (.transient, .port), (.transient, .object): break
        default: return false
        }
        if change.verb == .create, await reconciler.lastFiles()?.services[service] != nil {
            return true
        }
        // What this version has as well, it makes itself.
        return await reconciler.lacksService(besides: Set(desired.specs.keys))
    }
}

extension SwarmChange {
    /// Whether a config or secret is to be made.
    fileprivate var isFileToBe: Bool { verb == .create && [.config, .secret].contains(kind) }
}
