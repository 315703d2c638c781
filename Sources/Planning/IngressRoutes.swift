package import Model

/// Where a stack's services are led to, while one version takes over from another.
///
/// What was led somewhere stays so until the version that says otherwise has come about. One host
/// and path has one service: of those that have it, the wanted one as soon as a container of it
/// serves, so that a service which takes another's place takes its requests when it can answer.
package struct IngressRoutes {
    private let stack: StackID
    private let wanted: [ReservedRoute]
    private let held: [ReservedRoute]

    /// `wanted` is what the version says that is being brought about, `held` what the stack holds.
    package init(of stack: StackID, wanted: [ReservedRoute], held: [ReservedRoute]) {
        self.stack = stack
        self.wanted = wanted.sorted()
        self.held = held.sorted()
    }

    /// Sorted by name; each service's first route is called after it.
    package func led(to targets: IngressTargets) -> [IngressRoute] {
        let candidates = wanted + held.filter { !wanted.contains($0) }
        let chosen = Dictionary(grouping: candidates, by: \.match.claim).values.compactMap { all in
            all.first { !targets.addresses(of: $0).isEmpty } ?? all.first
        }
        let byService = Dictionary(grouping: chosen, by: \.service)
        return byService.flatMap { service, routes in
            routes.sorted { (rank($0), $0) < (rank($1), $1) }.enumerated().map { index, route in
                IngressRoute(
                    name: "\(stack.project)_\(stack.stack)_\(service)"
                        // No name of a service has this sign.
                        + (index == 0 ? "" : "~\(index + 1)"),
                    match: route.match,
                    targets: targets.addresses(of: route)
                )
            }
        }.sorted { $0.name < $1.name }
    }

    private func rank(_ route: ReservedRoute) -> Int { wanted.contains(route) ? 0 : 1 }
}

extension IngressTargets {
    fileprivate func addresses(of route: ReservedRoute) -> [String] {
        addresses(of: route.service, port: route.match.port)
    }
}
