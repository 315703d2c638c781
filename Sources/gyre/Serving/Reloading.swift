internal import OperatorFile
internal import Logging
internal import Model
internal import Reconciliation
internal import ServiceLifecycle
internal import UnixSignals

/// Reads `gyre.yaml` anew on SIGHUP; a wrong one is refused whole, and the old one stays.
struct Reloading: ServiceLifecycle.Service {
    let controller: Controller
    /// What it was started with.
    let running: Settings
    let path: String
    let audit: KeptAudit
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown()
        for await _ in signals { await reload() }
    }

    private func reload() async {
        var digest: String?
        do {
            let file = try ConfigurationFile(path)
            digest = file.digest
            try file.refuse(for: running)
            try await controller.reload(file.settings)
            await note(.configured(digest: digest))
            for warning in file.settings.warnings {
                logger.warning("gyre.yaml", metadata: warning.metadata)
            }
            logger.info(
                "gyre.yaml was read anew",
                metadata: ["projects": "\(file.settings.projects.count)"]
            )
        } catch {
            let failure = Failure(error)
            for diagnostic in failure.diagnostics {
                logger.error("gyre.yaml", metadata: diagnostic.metadata)
            }
            await note(.configured(digest: digest, refused: failure.message))
            await controller.refused(path, failure.message, failure.diagnostics)
            logger.error(
                "gyre.yaml is refused; the old one stays",
                metadata: ["file": "\(path)", "reason": "\(failure.message)"]
            )
        }
    }
}

extension Reloading {
    private func note(_ entry: AuditEntry) async {
        await audit.note([entry], at: Reconciliation.Clock.system.now())
    }
}

extension Diagnostic {
    /// For a line of the log.
    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["finding": "\(message)", "code": "\(code)"]
        if let location { metadata["place"] = "\(location)" }
        if let fix { metadata["fix"] = "\(fix)" }
        return metadata
    }
}
