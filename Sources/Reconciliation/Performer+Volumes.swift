internal import Admission
internal import Model
internal import Planning

extension Performer {
    /// Refuses to create a container that takes over mounts of a service whose image brings a
    /// volume without a name: it would be another volume in each container.
    ///
    /// Only the image tells, so the loader can't.
    func refuseUnnamedVolumes(of service: String) throws {
        guard let stack = desired?.admitted.stack, let taker = stack.services[service] else {
            return
        }
        var seen: Set<String> = []
        var pending = taker.volumesFrom.map(\.service)
        while let name = pending.popLast() {
            guard seen.insert(name).inserted, let source = stack.services[name] else { continue }
            pending += source.volumesFrom.map(\.service)
            let targets = (source.volumes + taker.volumes).map(\.target) + source.tmpfs.keys
            let named = Set(targets.map(Performer.path))
            let pin = learned.pin(of: name) ?? desired?.pins[name]
            let unnamed = (pin?.config.volumes ?? []).map(Performer.path).filter {
                !named.contains($0)
            }
            guard let first = unnamed.min() else { continue }
            throw StepFailure(
                .verdict,
                "\(service) takes over the mounts of \(name), whose image has a volume without a "
                    + "name at \(first)",
                remedy: "mount a named volume there in volumes: of \(name)"
            )
        }
    }

    /// Says where the files ask for a driver that the node doesn't have.
    func withDriver(
        of collection: String,
        _ key: String,
        _ body: () async throws -> String
    ) async throws -> String {
        do {
            return try await body()
        } catch let error as any ClassifiedError where error.want == .driver {
            let path = FieldPath(collection, key, "driver")
            let place = desired?.admitted.stack.places.location(of: path)
            throw StepFailure(
                .transient,
                "\(place.map { "\($0): " } ?? "")the node has no such driver: \(error.reason)",
                remedy: "install the plugin on the node, or write another driver"
            )
        }
    }

    /// Without doubled or trailing slashes.
    private static func path(_ text: String) -> String {
        "/" + text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
