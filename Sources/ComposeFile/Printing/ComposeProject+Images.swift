internal import Model
internal import YAMLTree

/// What `--resolve-image-digests` and `--lock-image-digests` print.
extension ComposeProject {
    /// The image that each service names, by service.
    package var images: [String: String] {
        let services = model["services"]?.entries ?? []
        return Dictionary(
            services.compactMap { entry in
                entry.value["image"]?.string.map { (entry.key, $0) }
            }
        ) { first, _ in first }
    }

    /// The project with other images of the services named.
    package func replacing(images: [String: String]) -> ComposeProject {
        withServices { name, service in
            guard let image = images[name], let old = service["image"] else { return service }
            return service.setting("image", to: Node(.text(image), like: old))
        }
    }

    /// Nothing but the services with their images, as a file to go over the others.
    package var onlyImages: ComposeProject {
        var project = withServices { _, service in
            let image = (service.entries ?? []).filter { $0.key == "image" }
            return Node(.mapping(image), location: service.location)
        }
        project.name = ""
        let services = (project.model.entries ?? []).filter { $0.key == "services" }
        project.model.content = .mapping(services)
        return project
    }

    private func withServices(_ change: (String, Node) -> Node) -> ComposeProject {
        guard var table = model["services"], let entries = table.entries else { return self }
        table.content = .mapping(
            entries.map { entry in
                var entry = entry
                entry.value = change(entry.key, entry.value)
                return entry
            }
        )
        var project = self
        project.model = model.setting("services", to: table)
        return project
    }
}
