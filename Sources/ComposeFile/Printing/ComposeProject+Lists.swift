internal import YAMLTree

/// The lists that `docker compose config` prints instead of the model.
extension ComposeProject {
    /// `--services`: names of the services, sorted.
    package var serviceNames: [String] { names("services") }

    /// `--networks`: keys of the networks, sorted.
    package var networkNames: [String] { names("networks") }

    /// `--volumes`: keys of the volumes, sorted.
    package var volumeNames: [String] { names("volumes") }

    /// `--models`: what the models are called where they are fetched.
    package var modelNames: [String] {
        entries("models").compactMap { $0.value["model"]?.string }.sorted()
    }

    /// `--images`: the image of each service, of each container before one, and of each job.
    package var imageNames: [String] {
        let services = entries("services").sorted { $0.key < $1.key }
        let hooks = services.flatMap { service in
            // What it has of its service is the service's own.
            (service.value["pre_start"]?.elements ?? []).compactMap { $0["image"]?.string }
                .filter { $0 != service.value["image"]?.string }
        }
        return services.map { $0.value["image"]?.string ?? "\(name)-\($0.key)" } + hooks
            + entries("jobs").sorted { $0.key < $1.key }
            .map { $0.value["image"]?.string ?? "\(name)-\($0.key)" }
    }

    /// `--variables`: the variables that the files use, for a project that wasn't interpolated.
    package var variables: [TemplateVariable] {
        var found: [String: TemplateVariable] = [:]
        model.forEachText { text in
            // Of one text the last use counts, of several the first.
            var own: [String: TemplateVariable] = [:]
            for variable in Template.variables(in: text) {
                own[variable.name] = variable.filled(from: own[variable.name])
            }
            for (name, variable) in own {
                found[name] = found[name]?.filled(from: variable) ?? variable
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    private func entries(_ part: String) -> [Node.Entry] { model[part]?.entries ?? [] }

    private func names(_ part: String) -> [String] { entries(part).map(\.key).sorted() }
}

extension Node {
    fileprivate func forEachText(_ body: (String) -> Void) {
        switch content {
        case .scalar: if let string { body(string) }
        case .sequence(let elements): elements.forEach { $0.forEachText(body) }
        case .mapping(let entries): entries.forEach { $0.value.forEachText(body) }
        }
    }
}
