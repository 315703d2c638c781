import Model
import Reconciliation
import Synchronization

/// The end of a controller, at some call to an engine or the journal: that one is carried out and
/// not answered, or not carried out, and none is after it.
final class Doom: Sendable {
    enum Fate { case spared, before, after }

    private let left = Mutex<(calls: Int?, isLost: Bool)>((nil, false))

    /// Lets so many calls be; of the next one only the answer gets lost if it `isLost`.
    func come(after calls: Int, isLost: Bool) { left.withLock { $0 = (calls, isLost) } }

    /// Another controller takes over.
    func pass() { left.withLock { $0 = (nil, false) } }

    /// Whether it has come.
    var hasCome: Bool { left.withLock { ($0.calls ?? 1) <= 0 } }

    /// One more call.
    func strike() -> Fate {
        left.withLock { left in
            guard let calls = left.calls else { return .spared }
            left.calls = calls - 1
            if calls > 0 { return .spared }
            return calls == 0 && left.isLost ? .after : .before
        }
    }
}

/// Nobody is there any more to get an answer.
struct Killed: EngineSideError, Sendable, CustomStringConvertible {
    var description: String { "killed" }
}
