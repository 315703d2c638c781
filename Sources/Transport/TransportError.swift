/// A transfer or a thread failed: the world's fault, never the file's.
///
/// A cancelled task throws `CancellationError` instead, so the two are never mixed up.
package struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is, for those who must decide.
    package enum Code: String, Sendable {
        /// Nobody listens there, or the name has no address.
        case cannotConnect
        /// A deadline passed, or nothing moved for the time allowed.
        case timedOut
        /// The other side ended the transfer before it was complete.
        case closedEarly
        /// TLS could not be agreed on, or a certificate is not trusted.
        case untrusted
        /// The server is at an address where the caller wants none.
        case addressRefused
        /// The answer is not HTTP.
        case malformed
        /// More came than the caller allowed.
        case tooLarge
        /// Too much waits already; nothing was started.
        case overloaded
        /// The client or the pool has been shut down.
        case shutDown
        /// The request itself can't be made, such as an address that is no address.
        case invalidRequest
        /// libcurl or the system failed in a way of its own.
        case system
    }

    package let code: Code
    /// What was being done, such as `GET /version on /var/run/docker.sock`.
    package let operation: String
    /// What went wrong, without credentials.
    package let message: String
    /// Which deadline passed, where it is known.
    package let deadline: Patience.Deadline?

    package init(
        _ code: Code,
        operation: String,
        message: String,
        deadline: Patience.Deadline? = nil
    ) {
        self.code = code
        self.operation = operation
        self.message = message
        self.deadline = deadline
    }

    /// Whether the same call may succeed later although nobody changed anything.
    package var isTransient: Bool {
        switch code {
        case .cannotConnect, .timedOut, .closedEarly, .overloaded, .system: true
        case .untrusted, .malformed, .tooLarge, .shutDown, .invalidRequest, .addressRefused: false
        }
    }

    package var description: String { "\(operation): \(message)" }
}
