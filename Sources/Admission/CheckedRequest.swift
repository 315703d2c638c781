package import Model

/// A request whose serialised body passed the ``Gate``; the engine client takes nothing else.
///
/// Only Admission makes one, so no call can reach an engine unjudged (law 11).
package struct CheckedRequest: Hashable, Sendable {
    package let request: EngineRequest

    init(_ request: EngineRequest) { self.request = request }
}
