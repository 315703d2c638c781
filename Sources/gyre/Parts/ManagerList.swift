internal import DockerEngine
internal import Reconciliation
internal import Synchronization

/// The managers of a Swarm, of which the one that answered last is asked first.
///
/// One that is in another Swarm by now is passed over: what that has says nothing of this one
/// (law 1).
struct ManagerList<Client: Sendable>: Sendable {
    /// One manager, under the name that `gyre.yaml` gives it.
    typealias Named = (name: String, client: Client)

    private let managers: [Named]
    private let known: KnownSwarm
    /// Which Swarm a manager is in, as it says now.
    private let swarm: @Sendable (Client) async throws -> String
    private let turn = Turn()

    private final class Turn: Sendable {
        let index = Mutex(0)
    }

    /// In the order in which they are asked.
    init(
        _ managers: [Named],
        of known: KnownSwarm,
        _ swarm: @escaping @Sendable (Client) async throws -> String
    ) {
        precondition(!managers.isEmpty, "a Swarm has a manager")
        self.managers = managers
        self.known = known
        self.swarm = swarm
    }

    /// The number of the one that is asked first.
    var first: Int { turn.index.withLock { $0 } }

    subscript(number: Int) -> Client { managers[number].client }

    /// What the operator calls the one that is asked first.
    var name: String { managers[first].name }

    /// Has the one after this be asked first.
    func skip(_ number: Int) { turn.index.withLock { $0 = (number + 1) % managers.count } }

    /// The manager of this number, for what changes something, if it is in the Swarm now.
    func trusted(_ number: Int) async throws -> Client {
        let (name, client) = managers[number]
        guard let stranger = known.stranger(try await swarm(client)) else { return client }
        var trouble = SwarmTrouble(remedy: known.remedy)
        trouble.add(stranger, of: name)
        throw trouble.error
    }

    /// Asks one after the other, until one answers or says what is not a manager's own trouble.
    ///
    /// `moved` is told who is asked first from now on, and what is wrong with those before.
    func ask<T>(
        moved: (String, SwarmTrouble) -> Void = { _, _ in },
        _ question: (Client) async throws -> T
    ) async throws -> T {
        let start = first
        var trouble = SwarmTrouble(remedy: known.remedy)
        for offset in managers.indices {
            let number = (start + offset) % managers.count
            let (name, client) = managers[number]
            do {
                let answer = try await answer(of: client, to: question)
                // Asked last, as it may have left its Swarm while it answered.
                if let stranger = known.stranger(try await swarm(client)) {
                    trouble.add(stranger, of: name)
                    continue
                }
                if number != start {
                    turn.index.withLock { $0 = number }
                    moved(name, trouble)
                }
                return try answer.get()
            } catch let error as EngineError where error.isOneManagers {
                trouble.add(error, of: name)
            }
        }
        throw trouble.error
    }

    /// What a manager says, be it an answer or a refusal; its own trouble is thrown.
    private func answer<T>(
        of client: Client,
        to question: (Client) async throws -> T
    ) async throws -> Result<T, any Error> {
        do {
            return .success(try await question(client))
        } catch let error as EngineError where !error.isOneManagers {
            return .failure(error)
        }
    }
}
