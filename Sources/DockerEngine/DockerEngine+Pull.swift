package import Admission
internal import FoundationEssentials
package import Model

extension DockerEngine {
    /// Pulls an image and returns when the engine has all of it, and can run it.
    ///
    /// The engine answers 200 before it knows how a pull ends: a line of its report that names an
    /// error is the failure. A pull has a deadline and may not stand still. An image that is made
    /// for other nodes is pulled without complaint, and refused here.
    package func pull(
        _ checked: CheckedRequest,
        _ credentials: RegistryCredentials? = nil,
        progress: @Sendable (PullProgress) -> Void = { _ in }
    ) async throws {
        let request = checked.request
        precondition(request.action == .pullImage, "only a pull answers with a stream")
        var call = EngineCall("POST", request.path, "pull image \(request.imageName)")
        call.query = request.query
        call.isPull = true
        call.registryHeader = ImageReference(request.imageName).flatMap {
            credentials?.header(for: $0.registry)
        }
        call.deadline = deadlines.pull
        call.stall = deadlines.pullStall
        let stream = try await stream(call)
        var lines = JSONLines()
        for try await piece in stream {
            guard let complete = lines.append(piece) else {
                throw error(.tooLarge, call.operation, "a line of the report is too long")
            }
            for line in complete { try report(line, call, progress) }
        }
        if !lines.remainder.isEmpty { try report(lines.remainder, call, progress) }
        try await refuseWrongPlatform(request.imageName, call.operation)
    }

    private func report(
        _ line: [UInt8],
        _ call: EngineCall,
        _ progress: (PullProgress) -> Void
    ) throws {
        let line = try decode(PullLine.self, from: line, call.operation)
        if let message = line.errorDetail?.message ?? line.error {
            throw EngineError(
                engineMessage: message,
                status: 500,
                operation: "\(call.operation) on \(address.place)",
                isPull: true
            )
        }
        guard let status = line.status else { return }
        progress(
            PullProgress(
                status: EngineText.clean(status),
                layer: line.id,
                current: line.progressDetail?.current,
                total: line.progressDetail?.total
            )
        )
    }
}

/// One line of a pull's report; names are the API's own.
private struct PullLine: Decodable {
    let status: String?
    let id: String?
    let progressDetail: Detail?
    let error: String?
    let errorDetail: Failure?

    struct Detail: Decodable {
        let current: Int64?
        let total: Int64?
    }

    struct Failure: Decodable {
        let message: String?
    }
}

extension EngineRequest {
    /// The image of a pull, `httpd:2.4` or `httpd@sha256:…`, as the query has it.
    package var imageName: String {
        let name = query.first { $0.name == "fromImage" }?.value ?? ""
        guard let tag = query.first(where: { $0.name == "tag" })?.value else { return name }
        return name + (tag.contains(":") ? "@" : ":") + tag
    }
}
