internal import DockerEngine
internal import Synchronization

/// The managers of a Swarm, of which the one that answered last is asked first.
struct ManagerList<Client: Sendable>: Sendable {
    /// One manager, under the name that `gyre.yaml` gives it.
    typealias Named = (name: String, client: Client)

    private let managers: [Named]
    private let turn = Turn()

    private final class Turn: Sendable {
        let index = Mutex(0)
    }

    /// In the order in which they are asked.
    init(_ managers: [Named]) {
        precondition(!managers.isEmpty, "a Swarm has a manager")
        self.managers = managers
    }

    /// The number of the one that is asked first.
    var first: Int { turn.index.withLock { $0 } }

    subscript(number: Int) -> Client { managers[number].client }

    /// Has the one after this be asked first.
    func skip(_ number: Int) { turn.index.withLock { $0 = (number + 1) % managers.count } }

    /// Asks one after the other, until one answers or says what is not a manager's own trouble.
    ///
    /// `moved` is told who is asked first from now on, and what is wrong with those before.
    func ask<T>(
        moved: (String, SwarmTrouble) -> Void = { _, _ in },
        _ question: (Client) async throws -> T
    ) async throws -> T {
        let start = first
        var trouble = SwarmTrouble()
        for offset in managers.indices {
            let number = (start + offset) % managers.count
            do {
                let answer = try await question(managers[number].client)
                if number != start {
                    turn.index.withLock { $0 = number }
                    moved(managers[number].name, trouble)
                }
                return answer
            } catch let error as EngineError where error.isOneManagers {
                trouble.add(error, of: managers[number].name)
            }
        }
        throw trouble.error
    }
}
