package import OperatorFile
internal import Model
internal import Planning

extension Settings {
    /// Every repository of every project, in a fixed order.
    var entries: [RepositoryEntry] {
        projects.sorted { $0.key < $1.key }.flatMap { name, project in
            project.repositories.map { repository in
                RepositoryEntry(
                    project: name,
                    origin: Origin(
                        repository: repository.url,
                        reference: repository.reference,
                        folder: repository.folders?.base ?? repository.folder,
                        folders: repository.folders,
                        access: repository.access,
                        signers: repository.signers
                    ),
                    stack: repository.stack,
                    environments: repository.environments,
                    tenant: project.policy,
                    polling: repository.polling
                )
            }
        }
    }

    /// The numbers that a pass needs.
    package var forPasses: ReconcilerSettings {
        var settings = ReconcilerSettings(
            controller: controller,
            window: Judgement.Window(running: defaults.stability, healthy: defaults.afterHealthy),
            backoff: Backoff.Settings(
                first: defaults.backoffFirst,
                longest: defaults.backoffLongest
            ),
            width: defaults.parallelism,
            loading: defaults.loading
        )
        settings.drain = ingress?.drain
        settings.subnets = subnets
        return settings
    }
}
