internal import Model
internal import Reconciliation

/// Why a question got no answer: what a program tells apart, what a person reads, what helps.
package struct ControlFailure: Error, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The kinds, as they stand on the wire.
    package enum Code: String, Codable, Sendable {
        case badRequest = "bad-request"
        case unknownRoute = "unknown-route"
        case unknownStack = "unknown-stack"
        case unknownNode = "unknown-node"
        case tooLarge = "too-large"
        case notPossible = "not-possible"
        /// The engine or a repository does not answer.
        case unreachable
        case failed
    }

    package var code: Code
    package var message: String
    /// What to do about it; nil where nobody knows.
    package var remedy: String?

    package init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    /// The HTTP status that carries it.
    package var status: Int {
        switch code {
        case .badRequest: 400
        case .unknownRoute, .unknownStack, .unknownNode: 404
        case .notPossible: 409
        case .tooLarge: 413
        case .failed: 500
        case .unreachable: 503
        }
    }

    package var description: String { message + (remedy.map { "; \($0)" } ?? "") }
}

extension ControlFailure {
    /// What any error of a controller comes to on the wire.
    package init(_ error: any Error) {
        switch error {
        case let failure as ControlFailure: self = failure
        case let error as UnknownStack:
            self.init(.unknownStack, "\(error)", remedy: "gyre status lists all stacks")
        case let error as UnknownNode:
            self.init(.unknownNode, "\(error)", remedy: "gyre nodes lists all nodes")
        case let error as RoutesUnknown:
            self.init(.unreachable, "\(error)", remedy: "go by what was told before")
        case let error as NotPossible: self.init(.notPossible, "\(error)")
        case let error as InvalidName: self.init(.badRequest, "\(error)")
        case let error as any EngineSideError:
            self.init(.unreachable, "\(error)", remedy: "see that the engine runs, then try again")
        case let error as any ClassifiedError where error.kind == .transient:
            self.init(.unreachable, "\(error)", remedy: "try again in a moment")
        default: self.init(.failed, "\(error)")
        }
    }
}
