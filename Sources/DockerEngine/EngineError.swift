/// The engine refused a call, or could not be asked.
package struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is, for those who must decide.
    package enum Code: String, Sendable {
        /// Nobody listens at the address, or the connection broke.
        case unreachable
        /// No answer in time; whether the call took effect is not known.
        case timeout
        /// The engine is older or newer than what Gyre speaks.
        case unsupported
        /// The object of the call is not there.
        case notFound
        /// The object is in another state, or the name is taken.
        case conflict
        /// Something else listens on a published port.
        case portInUse
        /// Neither the node nor the registry has the image.
        case noSuchImage
        /// The engine's address pools have no subnet left, or it overlaps another.
        case noAddress
        /// The registry or an authorization plugin says no.
        case unauthorized
        /// The registry can't be reached, or fails.
        case registry
        /// The registry asks to come back later.
        case rateLimited
        /// The engine does not trust the registry's certificate, or is shown none.
        case untrustedRegistry
        /// The image is made for nodes of another kind.
        case wrongPlatform
        case outOfDisk
        /// The node has no plugin of the name that a volume or a network asks for.
        case noDriver
        /// The engine does not accept the request as it is.
        case badRequest
        /// The answer is larger than Gyre reads.
        case tooLarge
        /// The answer is not what the API promises.
        case protocolError
        /// The engine failed in a way of its own.
        case server
        /// Our own side failed: no thread, no memory, or it is stopping.
        case client
    }

    package let code: Code
    /// What was being done and where, such as `start container 1f2e… on /run/docker.sock`.
    package let operation: String
    /// What went wrong, without credentials.
    package let message: String

    package init(_ code: Code, operation: String, message: String) {
        self.code = code
        self.operation = operation
        self.message = message
    }

    /// Whether trying again may help although nobody changes a file: a port comes free, an image
    /// is pushed, what is not there any more is seen to be gone by the next observation.
    ///
    /// The one place where this is decided.
    package var isTransient: Bool {
        switch code {
        case .unreachable, .timeout, .notFound, .portInUse, .noSuchImage, .noAddress,
            .unauthorized, .registry, .rateLimited, .untrustedRegistry, .outOfDisk, .noDriver,
            .protocolError, .server, .client:
            true
        case .wrongPlatform, .unsupported, .conflict, .badRequest, .tooLarge: false
        }
    }

    package var description: String { "\(operation): \(message)" }
}
