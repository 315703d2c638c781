/// Whether what the journal says can be built on.
package enum JournalTrust: Hashable, Sendable {
    case sound
    /// It is empty, and nobody could look yet whether the engine holds anything that a journal
    /// would have known; says why.
    case unknown(String)
    /// It was lost or is broken, and nothing is changed until a person has confirmed a recovery;
    /// says how.
    case lost(String)

    /// Why nothing is changed until a person has helped; nil when that is not so.
    package var loss: String? { if case .lost(let reason) = self { reason } else { nil } }
}
