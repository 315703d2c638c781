internal import Model

extension DockerEngine {
    /// The last `lines` that a container wrote, and of them at most the last 64 KiB.
    ///
    /// For a person who asks why a container failed; both outputs in the order in which they came.
    package func logs(_ id: String, lines: Int) async throws -> String {
        guard let inspection = try await inspection(of: id) else {
            throw error(.notFound, "read logs of \(id)", "no such container")
        }
        var call = EngineCall(
            "GET",
            "/containers/\(PercentEncoding.query(id))/logs",
            "read logs of \(id)"
        )
        call.query = [
            .init("stdout", "true"), .init("stderr", "true"), .init("tail", "\(max(1, lines))"),
        ]
        call.deadline = deadlines.call
        let stream = try await stream(call)
        var frames = LogFrames(isTerminal: inspection.Config.Tty, limit: 64 << 10)
        for try await piece in stream {
            guard frames.append(piece) else {
                throw error(.protocolError, call.operation, "the answer is no log")
            }
        }
        return frames.text()
    }
}
