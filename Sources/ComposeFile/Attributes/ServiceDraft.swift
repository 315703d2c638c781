internal import Model

/// A service while its attributes are read: what it will be, and what two attributes say of one
/// thing until they have been compared.
struct ServiceDraft {
    var service = Service(image: "")
    var environment: [String: String?] = [:]
    var environmentFiles: [EnvironmentFileReference] = []
    var scale: Int?
    /// `deploy.replicas`.
    var replicas: Int?
    /// From `mem_limit`, `cpus`, `pids_limit` and `mem_reservation`.
    var resources = Service.Resources()
    /// From `deploy.resources.limits`; nil when it isn't written.
    var limits: Service.Resources?
    /// From `deploy.resources.reservations`; nil when it isn't written.
    var reservations: Service.Resources?
}

/// One file of `env_file`.
struct EnvironmentFileReference {
    enum Format: String {
        /// As `.env`: quotes, escapes and variables.
        case standard = ""
        /// Each line as it is.
        case raw
    }

    var path = ""
    var isRequired = true
    var format = Format.standard
    var value: Value
}
