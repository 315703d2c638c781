internal import Model
internal import Planning

/// How a stack comes back that can be brought nowhere: by what stands there.
extension Reconciler {
    /// Starts what stands still, as `plan` says.
    ///
    /// Where what runs was given up, and what ran before it stands there, the one makes way for the
    /// other (laws 2 and 6). That stops something, so it has to be written down first (law 14);
    /// where it can't be, all else is started.
    func bringBack(
        _ observed: Observation,
        _ report: inout PassReport,
        by plan: (WayBack?) -> Plan
    ) async throws -> (Plan, Outcome) {
        let back = await wayBack(observed, report)
        var found = plan(back)
        if found.stopsAnything {
            report.planned(found, observed)
            do {
                return (found, try await perform(found, report, toward: nil, isAside: true))
            } catch {
                report.note(error, of: nil)
                found = plan(nil)
            }
        }
        report.planned(found, observed)
        return (found, try await perform(found, report, toward: nil, isRepair: true))
    }

    /// The way back to what was good, where a version is held and none has begun since.
    ///
    /// It takes its files, and nobody's leave: policy may deny by now what serves, an agent be
    /// silent, or the ledger have given away what it would need to be made anew.
    private func wayBack(_ observed: Observation, _ report: PassReport) async -> WayBack? {
        let state = journal.state()
        let isHeld = (state.holds[id] ?? [:]).values.contains { hold in
            hold.unread == nil && hold.setAside == nil
        }
        guard trust == .sound, isHeld, state.begun[id] == nil, state.good[id] != nil,
            WayBack.mayBe(in: observed), let good = await lastFiles()
        else { return nil }
        return WayBack(
            to: good,
            owned: state.owned(by: id, on: node.name),
            left: report.left ?? keptSoFar,
            completed: state.completed
        )
    }
}

extension Plan {
    fileprivate var stopsAnything: Bool {
        steps.contains { if case .stop = $0.operation { true } else { false } }
    }
}
