internal import Glibc
internal import HTTPTypes
internal import Hummingbird
package import Model
internal import NIOCore
internal import ServiceLifecycle

/// A request's path, and who asks.
struct ControlContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Demands are small.
    var maxUploadSize: Int { 16 << 10 }

    /// The stack that the path names.
    func stack() throws -> StackID {
        try StackID(
            project: parameters.require("project"),
            stack: parameters.require("stack")
        )
    }

    /// The node that the path names.
    func node() throws -> String { try parameters.require("node") }

    /// An archive as it comes.
    ///
    /// One that breaks off ends the connection, so that nobody takes it for whole; so does the
    /// server's end, which waits for no slow reader.
    func response(_ archive: Pieces) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/x-tar"],
            body: ResponseBody { [channel] writer in
                try await withGracefulShutdownHandler {
                    for try await piece in archive {
                        try await writer.write(ByteBuffer(bytes: piece))
                    }
                } onGracefulShutdown: {
                    channel.close(promise: nil)
                }
                try await writer.finish(nil)
            }
        )
    }

    /// The user on the other side of the socket, as the kernel knows it; `local` where there is
    /// no socket.
    func person() async -> Person {
        guard let socket = channel as? any SocketOptionProvider else { return Person("local") }
        let credentials: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: SO_PEERCRED)
        )
        guard let user = try? await credentials.map(\.uid).get() else {
            return Person("local")
        }
        return Person(UserName.of(user), uid: user)
    }
}

/// `struct ucred` of unix(7), which the Swift overlay of the C library leaves out.
private struct PeerCredentials: Sendable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32
}

/// Names of users, as the system's data base has them.
package enum UserName {
    /// The name of the user with id `user`, or `uid 1000`.
    package static func of(_ user: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        let status = getpwuid_r(user, &entry, &buffer, buffer.count, &found)
        guard status == 0, found != nil, let name = entry.pw_name else { return "uid \(user)" }
        return withExtendedLifetime(buffer) { String(cString: name) }
    }
}

extension Person {
    /// The user that this process belongs to.
    package static var own: Person { Person(UserName.of(getuid()), uid: getuid()) }
}
