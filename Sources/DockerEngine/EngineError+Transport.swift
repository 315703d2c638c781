internal import Transport

extension EngineError {
    /// What a failed transfer means for a call.
    init(_ error: TransportError, operation: String) {
        let code: Code =
            switch error.code {
            case .cannotConnect, .closedEarly: .unreachable
            case .timedOut: .timeout
            case .tooLarge: .tooLarge
            case .malformed: .protocolError
            case .untrusted: .unauthorized
            case .overloaded, .shutDown, .invalidRequest, .system, .addressRefused: .client
            }
        self.init(code, operation: operation, message: error.message)
    }
}
