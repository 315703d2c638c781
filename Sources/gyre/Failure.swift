internal import ControlAPI
internal import DockerEngine
internal import GitSource
internal import Model
internal import Reconciliation
internal import Store
internal import Transport

/// Why a command ends without having done what it was asked.
struct Failure: Error {
    var exit: ExitCode
    /// What went wrong, without a full stop.
    var message: String
    /// What to do about it.
    var remedy: String?
    /// What is wrong with files, where that is the matter.
    var diagnostics: [Diagnostic] = []
    /// The files that the diagnostics point into, where they are at hand.
    var sources = SourceFiles.none
    /// Where the diagnostics are explained; nil where no page does.
    var docs: DocumentLinks?

    init(_ exit: ExitCode, _ message: String, remedy: String? = nil) {
        self.exit = exit
        self.message = message
        self.remedy = remedy
    }

    /// Files with mistakes.
    init(
        _ exit: ExitCode,
        _ rejection: Rejection,
        in sources: SourceFiles,
        by docs: DocumentLinks? = nil
    ) {
        let errors = rejection.diagnostics.count { $0.severity == .error }
        self.init(exit, errors == 1 ? "found one error" : "found \(errors) errors")
        diagnostics = rejection.diagnostics
        self.sources = sources
        self.docs = docs
    }

    /// What to do about an engine that can't be had: it is down, hangs, or is another's.
    static let engineRemedy =
        "see that the engine runs, answers and lets you, or mend engine: in gyre.yaml"

    /// Sorts any error of the parts below.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ControlFailure:
            self.init(ExitCode(error.code), error.message, remedy: error.remedy)
        case let error as UnknownStack:
            self.init(.usage, "\(error)", remedy: "gyre status lists all stacks")
        case let error as UnknownNode:
            self.init(.usage, "\(error)", remedy: "gyre nodes lists all nodes")
        case let rejection as Rejection: self.init(.denied, rejection, in: .none)
        case let error as GivenUp: self.init(.denied, Rejection(error.finding), in: .none)
        case let error as EngineError:
            let isSilent = error.isUnanswered
            let remedy = isSilent ? Failure.engineRemedy : error.remedy
            self.init(isSilent ? .unreachable : .failed, "\(error)", remedy: remedy)
        case let error as GitError:
            self.init(error.isUnanswered ? .unreachable : .failed, "\(error)")
        case let error as TransportError: self.init(.unreachable, "\(error)")
        case let error as StoreError: self.init(.failed, "\(error)")
        case is CancellationError: self.init(.interrupted, "interrupted")
        default: self.init(.failed, "\(error)")
        }
    }
}

extension ExitCode {
    init(_ code: ControlFailure.Code) {
        switch code {
        case .badRequest, .unknownStack, .unknownNode, .unknownRoute: self = .usage
        case .unreachable: self = .unreachable
        case .notPossible, .tooLarge, .failed: self = .failed
        }
    }
}

/// A command that has said all there is to say, and ends with this code.
struct Quit: Error {
    var code: ExitCode
}
