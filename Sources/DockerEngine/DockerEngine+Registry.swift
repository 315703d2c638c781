internal import Model
internal import Synchronization
internal import Transport

extension DockerEngine {
    /// The digest that a registry has for `reference` now, as `name@sha256:…`.
    ///
    /// The engine asks, so it is its trust and its way to the registry that count, as for a pull.
    /// Whoever gets an answer may use the image: the registry has been shown `credentials`, or
    /// nothing.
    package func digest(
        of reference: String,
        _ credentials: RegistryCredentials?
    ) async throws -> String {
        let operation = "ask the registry for \(reference)"
        guard let wanted = ImageReference(reference) else {
            throw error(.badRequest, operation, "this is no reference to an image")
        }
        let name = PercentEncoding.path(wanted.engineName)
        var call = EngineCall("GET", "/distribution/\(name)/json", operation)
        call.isPull = true
        call.registryHeader = credentials?.header(for: wanted.registry)
        let question = call
        let bytes = try await ask(wanted.registry, question)
        let answer = try decode(DistributionReply.self, from: bytes, operation)
        let digest = answer.Descriptor.digest
        guard let exact = ImageReference("\(wanted.familiarName)@\(digest)"),
            wanted.digest ?? digest == digest
        else { throw error(.protocolError, operation, "the answer has no digest of it") }
        let node = try await platform()
        let made = (answer.Platforms ?? []).map(\.platform)
        guard made.isEmpty || made.contains(where: node.runs) else {
            throw wrongPlatform(made, node, operation)
        }
        return "\(exact.familiarName)@\(digest)"
    }

    /// A question to a registry, when it is its turn; one that waited while others got no answer is
    /// given up with them, or a line of them would wait for as many deadlines.
    private func ask(_ registry: String, _ question: EngineCall) async throws -> [UInt8] {
        let asked = ContinuousClock.now
        return try await questions.take(registry) {
            if let silence = silences.withLock({ $0[registry] }), silence > asked {
                let words = "others asked \(registry) meanwhile, and got no answer in time"
                throw error(.timeout, question.operation, words)
            }
            do {
                let answer = try await read(question)
                silences.withLock { $0[registry] = nil }
                return answer
            } catch let error as EngineError where error.code == .timeout {
                silences.withLock { $0[registry] = ContinuousClock.now }
                throw error
            }
        }
    }

    /// Refuses an image that is there now, but made for other nodes.
    func refuseWrongPlatform(_ name: String, _ operation: String) async throws {
        let call = EngineCall("GET", "/images/\(PercentEncoding.path(name))/json", operation)
        let image = try decode(ImageInspection.self, from: try await read(call), operation)
        let node = try await platform()
        guard node.runs(image.platform) else {
            throw wrongPlatform([image.platform], node, operation)
        }
    }

    private func wrongPlatform(
        _ made: [Platform],
        _ node: Platform,
        _ operation: String
    ) -> EngineError {
        let list = Set(made.map(\.description)).sorted().joined(separator: ", ")
        return error(.wrongPlatform, operation, "it is made for \(list), the node is \(node)")
    }
}

/// The answer to `GET /distribution/{name}/json`; names are the API's own.
private struct DistributionReply: Decodable {
    let Descriptor: Descriptor
    let Platforms: [Entry]?

    struct Descriptor: Decodable {
        let digest: String
    }

    struct Entry: Decodable {
        let architecture: String?
        let os: String?

        var platform: Platform { Platform(os: os ?? "", architecture: architecture ?? "") }
    }
}
