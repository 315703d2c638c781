internal import Model
internal import Planning

/// Watches one container until it can be judged.
struct Vigil: Sendable {
    let reconciler: Reconciler
    let container: String
    let condition: WaitCondition

    /// Between two looks: often at first, when most is decided, then once a second.
    static func pace(_ look: Int) -> Nanoseconds {
        .milliseconds(min(1000, 200 + 100 * Int64(look)))
    }

    /// What runs and has no health check can only fail until its window is over, and looks at it
    /// take the engine time that others' starts need.
    private func pause(_ look: Int, _ seen: ObservedContainer?) -> Nanoseconds {
        if condition == .stable, seen?.state == .running, seen?.health == nil {
            return .seconds(2)
        }
        return Vigil.pace(look)
    }

    /// Done, failed with what the container wrote last, or cancelled because something newer
    /// came.
    func keep() async throws -> StepResult {
        let clock = reconciler.clock
        var judgement = Judgement(
            condition,
            window: reconciler.settings.window,
            began: clock.steady()
        )
        if condition.meansUp { reconciler.memory.watches(container) }
        var look = 0
        while true {
            look += 1
            if reconciler.memory.isPreempted || Task.isCancelled { return .cancelled }
            let seen = try await reconciler.engine.inspect(container)
            reconciler.memory.view.saw(container, seen)
            let theirs = reconciler.engine.time()?.lowerBound
            switch judgement.see(seen, at: clock.steady(), engineTime: theirs) {
            case .met:
                if seen?.state == .running, condition.meansUp {
                    reconciler.memory.judged(up: container)
                }
                return .done
            case .failed(let why):
                // A hand that took it away says nothing of the version.
                guard seen != nil else { return .failed(StepFailure(.transient, why)) }
                return .failed(StepFailure(.verdict, why, lastWords: await lastWords()))
            case .waiting:
                do { try await clock.sleep(pause(look, seen)) } catch { return .cancelled }
            }
        }
    }

    /// The end of the container's log, for whoever has to find out.
    private func lastWords() async -> [String] {
        guard let log = try? await reconciler.engine.logs(container, lines: 5) else { return [] }
        return log.split(whereSeparator: \.isNewline).suffix(5).map(String.init)
    }
}
