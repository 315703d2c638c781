/// Where a transfer puts what comes in; called on the client's thread, one call at a time.
///
/// No call may block: the thread drives every other transfer too.
protocol TransferSink: Sendable {
    /// The final head of the answer; interim ones (1xx) are left out.
    func receive(_ head: HTTPHead)

    /// A piece of the body.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception

    /// The transfer is over; called exactly once, with nil when the answer is complete.
    func finish(_ failure: (any Error)?)
}

/// What a sink made of a piece of the body.
enum Reception {
    case taken
    /// Offer the same piece again after a resume.
    case full
    /// End the transfer with this error.
    case refused(any Error)
}
