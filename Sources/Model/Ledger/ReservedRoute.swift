/// Which requests an ingress leads to a service of a stack.
package struct ReservedRoute: Hashable, Codable, Sendable, Comparable {
    package var service: String
    package var match: Service.Ingress

    package init(service: String, match: Service.Ingress) {
        self.service = service
        self.match = match
    }

    package static func < (a: ReservedRoute, b: ReservedRoute) -> Bool {
        (a.match.claim, a.service, a.match.port) < (b.match.claim, b.service, b.match.port)
    }
}

extension Stack {
    /// Where its services are led to by its files.
    package var routes: [ReservedRoute] {
        services.compactMap { name, service in
            service.ingress.map { ReservedRoute(service: name, match: $0) }
        }.sorted()
    }
}
