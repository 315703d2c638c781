internal import Model
internal import YAMLTree

/// `health_check` of `rancher-compose.yml`.
///
/// Rancher connected to a port of the container, or sent it a request. The engine runs a command in
/// the container, and nobody knows which commands an image has: so the check itself stays the
/// compose file's to write, and only how often and how patiently is taken from here.
struct RancherHealthCheck {
    private let value: Value

    init(_ value: Value) { self.value = value }

    /// Fills in what the service's own check leaves out.
    func apply(to service: inout Service) {
        guard value.isMapping else { return }
        for part in value.members where part.name != "strategy" || part.node.string != "none" {
            part.warn(ofRancher: "health_check.\(part.name)", in: RancherTable.service)
        }
        guard var check = service.healthcheck, check.test != nil, !check.isDisabled else {
            return propose()
        }
        check.interval = check.interval ?? span("interval")
        check.timeout = check.timeout ?? span("response_timeout")
        check.startPeriod = check.startPeriod ?? span("initializing_timeout")
        check.retries = check.retries ?? value["unhealthy_threshold"]?.count
        service.healthcheck = check
    }

    /// Says what the compose file would have to say.
    private func propose() {
        let times = [
            ("interval", "interval"), ("timeout", "response_timeout"),
            ("start_period", "initializing_timeout"),
        ]
        .compactMap { name, part in span(part).map { "\(name): \(GoDuration.text($0))" } }
        let retries = value["unhealthy_threshold"]?.count.map { "retries: \($0)" }
        let parts = ["test: [\(test)]"] + times + (retries.map { [$0] } ?? [])
        value.loading.warn(
            "rancher-not-honoured",
            "\(value.path) checks nothing here: the service has no healthcheck: with a test:, and "
                + "Gyre doesn't know which command of the image could be one",
            at: value.keyLocation,
            field: value.path,
            fix: "write such as healthcheck: {\(parts.joined(separator: ", "))}"
        )
    }

    /// A command that asks what Rancher asked, for images that have it.
    private var test: String {
        let given = value["port"]?.count ?? 80
        let port = value["port"]?.isExpanded == true ? "PORT" : String(given)
        guard let request = value["request_line"], let line = request.node.string, !line.isEmpty
        else { return "CMD, nc, -z, localhost, \"\(port)\"" }
        let words = line.split(separator: " ").map { $0.filter { $0 != "\"" } }
        let path = request.isExpanded || words.count < 2 ? "/" : words[1]
        return "CMD, curl, -f, \"http://localhost:\(port)\(path)\""
    }

    /// A number of milliseconds as a span.
    private func span(_ name: String) -> Nanoseconds? {
        guard let count = value[name]?.count, count < 1_000_000_000_000 else { return nil }
        return Nanoseconds(Int64(count) * 1_000_000)
    }
}
