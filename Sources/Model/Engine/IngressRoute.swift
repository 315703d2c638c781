/// Where an ingress leads requests: what it matches, and what serves there now.
package struct IngressRoute: Hashable, Codable, Sendable {
    /// Nobody else's: of project, stack and service.
    package var name: String
    package var match: Service.Ingress
    /// `address:port` of each container that serves, sorted.
    package var targets: [String]

    package init(name: String, match: Service.Ingress, targets: [String]) {
        self.name = name
        self.match = match
        self.targets = targets
    }
}
