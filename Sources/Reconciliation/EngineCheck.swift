internal import Model
internal import Synchronization

/// Whether the engine that answers is the one that the journal knows under its node's name.
///
/// Addresses get mixed up, and machines are made anew. What another engine has says nothing of
/// what the first one has, so a listing of it is no answer (law 1). It is asked before the first
/// listing, and again whenever it may have changed.
final class EngineCheck: Sendable {
    private struct Contents {
        var known: @Sendable () -> String? = { nil }
        /// Who answered last; nil where that may have changed.
        var seen: String?
        var doubts = 0
    }

    private let contents = Mutex(Contents())

    /// Has it go by `known`, the id that the journal has.
    func go(by known: @escaping @Sendable () -> String?) {
        contents.withLock { $0.known = known }
    }

    /// Notes that another engine may answer by now.
    func doubt() {
        contents.withLock {
            $0.seen = nil
            $0.doubts += 1
        }
    }

    /// How often it was doubted, for ``saw(_:since:)``.
    var doubts: Int { contents.withLock { $0.doubts } }

    /// Takes the word of who asked who answers, unless that was doubted since they began to.
    func saw(_ id: String, since doubts: Int) {
        contents.withLock { if $0.doubts == doubts { $0.seen = id } }
    }

    /// Throws where the engine is another one, or doesn't say.
    func pass(_ engine: any ContainerEngine) async throws {
        let now = contents.withLock { $0 }
        guard let known = now.known() else { return }
        do {
            var id = now.seen
            if id == nil { id = try await engine.node().id }
            if let stranger = id.flatMap({ StrangeEngine($0, known: known) }) { throw stranger }
            if let id { saw(id, since: now.doubts) }
        } catch {
            doubt()
            throw error
        }
    }
}

/// Another engine answers than the one that a node had, or another Swarm.
package struct StrangeEngine: EngineSideError, CustomStringConvertible {
    /// Who answers, and who did before.
    package let id: String
    package let known: String
    /// What is told to people.
    package var description: String

    /// nil where it is the one that is known, or doesn't say who it is.
    package init?(_ id: String, known: String?) {
        guard let known, !id.isEmpty, id != known else { return nil }
        self.id = id
        self.known = known
        description =
            "another engine answers there (\(id.prefix(12))) than before (\(known.prefix(12))): "
            + "mend the address in gyre.yaml; or, if the old one is gone, gyre nodes accept NODE"
    }
}
