internal import Admission
package import Model
package import Planning

/// A commit that is worth trying, and what may be done on its behalf.
package struct Target: Hashable, Sendable {
    /// Why a commit is tried.
    package enum Role: String, Codable, Sendable {
        /// What the branch says.
        case head
        /// What served before, while the head can't.
        case good
    }

    package var commit: Commit
    package var role: Role
    /// Where the commit's files are read.
    package var origin: Origin

    package init(commit: Commit, role: Role, origin: Origin) {
        self.commit = commit
        self.role = role
        self.origin = origin
    }
}

/// A version that failed before is not tried again until a person releases it.
package struct HeldVersion: Error, CustomStringConvertible {
    package let stack: StackID
    package let hold: Hold
    /// What is wrong with its files, where it was held before it was known what they mean.
    package var findings: [Diagnostic] = []

    package var description: String {
        "version \(hold.version.digest.prefix(12)) is held: \(hold.reason)"
    }
}

/// A plan that takes away more than Gyre does without being asked.
package struct NeedsConfirmation: Error, CustomStringConvertible {
    package let stack: StackID
    package let confirmation: Confirmation

    package var description: String { confirmation.why }
}

extension Reconciler {
    /// The commits to try, best first: the head, then what was good before.
    func targets(_ head: Head, _ report: inout PassReport) async -> [Target] {
        if let problem = head.problem { report.unreachable(problem) }
        if let conflict = head.conflict { report.conflict(conflict) }
        if trust != .sound { report.distrust(trust) }
        guard trust == .sound else { return [] }
        var targets: [Target] = []
        report.refused(head.refusal)
        if let commit = head.commit, !head.isStackGone, head.conflict == nil, head.refusal.isEmpty {
            targets.append(Target(commit: commit, role: .head, origin: origin))
        }
        // What was good before has nothing to run in yet, and what runs is nobody's to repair.
        guard !isAdopting, !isHalfwayUnasked(head) else { return targets }
        do {
            let good = try await lastGood()
            if let good, !targets.contains(where: { $0.isSameFiles(as: good) }) {
                targets.append(good)
            }
        } catch {
            report.unreachable("the last good commit can't be read: \(error)")
        }
        return targets
    }

    /// Whether a change is halfway, and the repository has never said yet what it is at.
    ///
    /// That is another version, or what a person agreed to lose: to go back now, only to go on when
    /// the repository answers, would be two changes for none. What stands still is started.
    private func isHalfwayUnasked(_ head: Head) -> Bool {
        let state = journal.state()
        return head.commit == nil && (state.begun[id] != nil || state.agreed[id] != nil)
    }

    /// The last good commit, where the journal says that it was read; else where the stack is now.
    ///
    /// The stack may have moved since, within its repository or to another one. Another controller
    /// may have led when it was good: this machine's mirror then names an older one, which is none
    /// to go to, or doesn't have it.
    func lastGood() async throws -> Target? {
        let state = journal.state()
        let known = state.places[id].map { Origin($0, following: origin.reference) }
        var named: Target?
        for place in [known ?? origin, origin] where named == nil {
            named = try await source.good(id, at: place).map {
                Target(commit: $0, role: .good, origin: place)
            }
        }
        guard let good = state.good[id]?.commit, let known, named?.commit.id != good else {
            return named
        }
        let commit = try? await source.commit(startingWith: good, at: known)
        return commit.map { Target(commit: $0, role: .good, origin: known) }
    }

    /// Whether it is the version that was stable last, and so what serves.
    func isServing(_ target: Target) -> Bool {
        let state = journal.state()
        guard state.good[id]?.commit == target.commit.id else { return false }
        return state.places[id].map {
            $0.folder == target.origin.folder && $0.chosen == target.origin.chosen
        } ?? true
    }

    /// Notes what kept a target from being reached; what serves all the same is told apart.
    func note(_ error: any Error, of target: Target, _ report: inout PassReport) {
        guard let rejection = error as? Rejection, isServing(target) else {
            return report.note(error, of: target)
        }
        report.note(rejection, ofServing: target, demand)
        if case .success(let reading)? = memory.reading(target.commit, files(of: target)) {
            report.expect(reading.stack)
            if memory.routes == nil { memory.lead(reading.stack.routes) }
        }
    }

    /// Law 7: a held version is passed over; the next target is the one that was stable.
    func refuseIfHeld(_ desired: Desired, _ target: Target) throws {
        guard target.role == .head else { return }
        let holds = journal.state().holds[id] ?? [:]
        // One that failed in some slots goes on in the others.
        guard let hold = holds[desired.version.digest], hold.setAside == nil else { return }
        throw HeldVersion(stack: id, hold: hold)
    }

    /// A network that the head wants otherwise than it was made is not made anew under its
    /// containers; what ran before goes on, as it is.
    func refuseNetworkChange(
        _ desired: Desired,
        _ observed: Observation,
        _ target: Target
    ) throws {
        let owned = journal.state().owned(by: id, on: node.name)
        guard target.role == .head,
            let change = NetworkChange(toward: desired, from: observed, owned: owned)
        else { return }
        throw change
    }

    /// Law 5: what takes much away waits for a person, or for a commit that names it.
    ///
    /// What once had to wait goes on waiting: a container that is lost meanwhile makes the change
    /// smaller, but nobody has agreed to it. What leads to the good version takes nothing of that
    /// one's away. `desired` is nil where the stack is to go.
    ///
    /// - Returns: By whose leave it takes that away; nil where nobody had to be asked.
    @discardableResult
    func refuseUnconfirmed(
        _ plan: Plan,
        _ observed: Observation,
        _ target: Target?,
        toward desired: Desired?
    ) throws -> Approval? {
        let found = confirmation(of: plan, observed, toward: desired)
        let mayLose = plan.takesAway && !(desired.map(isProven) ?? false)
        let known = mayLose ? memory.awaited(by: target?.commit) : nil
        // What is agreed to may be gone about in several runs, and by several controllers.
        let rest = rest(plan, begins(desired, target))
        guard let needed = found ?? known else { return rest }
        let approval = approval(of: needed, target) ?? rest
        memory.note(approval == nil ? needed : nil, by: target?.commit)
        guard let approval else { throw NeedsConfirmation(stack: id, confirmation: needed) }
        return approval
    }

    /// The leave to go on, where it takes away nothing but the rest of what a person agreed to for
    /// the same version: a decision that came to no end has used the agreement up.
    private func rest(_ plan: Plan, _ begins: String?) -> Approval? {
        let state = journal.state()
        guard !plan.losses.isEmpty, !plan.makesLostVolume, state.begun[id] == begins,
            Set(state.agreed[id] ?? []).isSuperset(of: plan.losses)
        else { return nil }
        return .rest(of: state.agreedIn[id])
    }

    /// Law 5 for a stack that moves: nothing of it is on its node yet, so what the head takes away
    /// is told from what was good.
    @discardableResult
    func refuseShrinking(_ desired: Desired, _ target: Target) async throws -> Approval? {
        guard target.role == .head, journal.state().arriving.contains(id),
            let good = try await lastGood(), good.commit.id != target.commit.id,
            let before = try? await load(good),
            let needed = Confirmation(from: before.stack, to: desired.admitted.stack)
        else { return nil }
        guard let approval = approval(of: needed, target) else {
            throw NeedsConfirmation(stack: id, confirmation: needed)
        }
        return approval
    }

    /// Ends an agreement that the head has no use for, as after a revert.
    ///
    /// Else it would be one to the next loss of the same names, whenever that comes.
    func endConfirmation(but approval: Approval?, _ target: Target) async throws {
        guard approval == nil, target.role == .head, journal.state().confirmations[id] != nil
        else { return }
        let end = JournalEntry.confirmed(id, change: "", by: settings.controller)
        try await journal.append([end], at: clock.now())
    }

    private func approval(of needed: Confirmation, _ target: Target?) -> Approval? {
        if journal.state().confirmations[id] == needed.change { return .change(needed.change) }
        guard let target, target.role == .head else { return nil }
        let names = target.commit.trailers("Gyre-Remove")
        return needed.isNamed(by: names) ? .names(names) : nil
    }
}

/// By whose leave a plan takes away what a person has to agree to.
enum Approval: Hashable, Sendable {
    /// A person confirmed this change.
    case change(String)
    /// Trailers of the commit name what goes.
    case names([String])
    /// It is the rest of what a decision began that a person had agreed to, by its run.
    case rest(of: String?)
}

extension Target {
    /// Whether it is the same commit, read at the same folder.
    fileprivate func isSameFiles(as other: Target) -> Bool {
        commit.id == other.commit.id && origin.files == other.origin.files
    }
}

extension Origin {
    /// What of a commit is read: the same for no two choices of files.
    var files: String { chosen.isEmpty ? folder : "\(folder) \(chosen.key)" }

    /// Where a version was read; `reference` is what is followed there now.
    fileprivate init(_ place: VersionPlace, following reference: GitReference) {
        self.init(
            repository: place.repository,
            reference: reference,
            folder: place.folder,
            chosen: place.chosen,
            access: place.access
        )
    }
}
