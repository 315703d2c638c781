/// Bytes that come piece by piece, as fast as they are read: once, by one task.
///
/// Letting go of them ends what brings them.
package struct Pieces: AsyncSequence, AsyncIteratorProtocol, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = any Error

    private let take: @Sendable () async throws -> [UInt8]?

    /// `take` gives the next piece; nil at the end.
    package init(_ take: @escaping @Sendable () async throws -> [UInt8]?) { self.take = take }

    package func makeAsyncIterator() -> Pieces { self }

    package func next() async throws -> [UInt8]? { try await take() }

    package func next(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
        try await take()
    }
}
