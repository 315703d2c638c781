package import Admission
internal import FoundationEssentials
internal import Model
internal import Transport

extension DockerEngine {
    /// Performs a call that changes something; a pull goes through `pull(_:progress:)`.
    ///
    /// A call whose purpose is fulfilled already succeeds and says so. After a timeout or a broken
    /// connection the call may have taken effect: only an observation tells.
    ///
    /// `credentials` are for the nodes of a Swarm, which pull the image of the service that is
    /// written.
    package func send(
        _ checked: CheckedRequest,
        _ credentials: RegistryCredentials? = nil
    ) async throws -> EngineReply {
        let request = checked.request
        precondition(request.action != .pullImage, "a pull answers with a stream")
        var call = EngineCall(request, deadlines)
        call.isChange = true
        if let change = deadlines.change { call.deadline = change }
        if [.createService, .updateService].contains(request.action) {
            // Said even where there are none: else an update keeps those of before, which a node
            // would show to the registry of the new image. Source: moby's `UpdateService`.
            let registry = request.serviceImage.flatMap(ImageReference.init)?.registry
            call.registryHeader =
                registry.flatMap { credentials?.header(for: $0) } ?? RegistryCredentials.none
        }
        let response = try await send(call)
        guard !(200...204).contains(response.status) else {
            return try reply(to: request, response.body, call.operation)
        }
        if response.status == 304 { return EngineReply(.alreadySo) }
        let failure = failure(response, call)
        if let effect = request.action.effect(of: failure) { return EngineReply(effect) }
        throw failure
    }

    private func reply(
        to request: EngineRequest,
        _ body: [UInt8],
        _ operation: String
    ) throws -> EngineReply {
        switch request.action {
        case .createContainer, .createCarrier, .createExport, .createNetwork, .createVolume,
            .createService,
            .createConfig, .createSecret:
            let created = try decode(CreationReply.self, from: body, operation)
            guard let id = created.Id ?? created.ID ?? created.Name, !id.isEmpty else {
                throw error(.protocolError, operation, "the answer names nothing that was created")
            }
            return EngineReply(.done, id: id, warnings: created.warnings)
        case .updateContainer, .updateService:
            let updated = try decode(CreationReply.self, from: body, operation)
            return EngineReply(.done, warnings: updated.warnings)
        default: return EngineReply(.done)
        }
    }
}

extension EngineRequest {
    /// The image that the tasks of the service get which is written, as the body has it.
    package var serviceImage: String? {
        let body = body.flatMap { try? JSON(parsing: $0) }
        return body?["TaskTemplate"]?["ContainerSpec"]?["Image"]?.stringValue
    }
}

/// The answer to what creates or updates; names are the API's own.
private struct CreationReply: Decodable {
    let Id: String?
    /// Of what a Swarm makes.
    let ID: String?
    /// Of a volume, which has no id.
    let Name: String?
    let Warnings: [String]?
    /// Of a network.
    let Warning: String?

    var warnings: [String] {
        ((Warnings ?? []) + [Warning ?? ""]).filter { !$0.isEmpty }.map(EngineText.clean)
    }
}

extension EngineCall {
    /// The call that performs `request`.
    init(_ request: EngineRequest, _ deadlines: EngineDeadlines) {
        let object = request.target.map { " \($0)" } ?? ""
        self.init(request.method, request.path, "\(request.action.words)\(object)")
        query = request.query
        body = request.body
        if request.action.hasArchive { contentType = "application/x-tar" }
        guard [.stopContainer, .restartContainer].contains(request.action) else { return }
        let period = request.query.first { $0.name == "t" }.flatMap { Int($0.value) }
        deadline = period.map { deadlines.call + .seconds(max(0, $0)) } ?? deadlines.stop
    }
}

extension EngineRequest.Action {
    fileprivate var hasArchive: Bool { self == .importEmptyImage || self == .shipContent }

    /// `create container` for `createContainer`.
    fileprivate var words: String {
        rawValue.reduce(into: "") { text, letter in
            if letter.isUppercase { text += " " }
            text += letter.lowercased()
        }
    }

    /// Whether a refusal means that there was nothing left to do.
    fileprivate func effect(of failure: EngineError) -> EngineReply.Effect? {
        switch self {
        case .removeImage, .removeContainer, .removeNetwork, .removeVolume, .removeContent,
            .disconnectNetwork, .removeService, .removeConfig, .removeSecret:
            failure.code == .notFound ? .alreadyGone : nil
        case .killContainer:
            failure.code == .conflict && failure.message.contains("is not running")
                ? .alreadySo : nil
        case .unpauseContainer:
            failure.message.contains("is not paused") ? .alreadySo : nil
        default: nil
        }
    }
}
