internal import Model

/// What Traefik's HTTP provider is answered: its dynamic configuration.
///
/// Source: doc.traefik.io/traefik/reference/dynamic-configuration/file, Traefik 3. Where there is
/// no route the section is left out: an empty one is an error to Traefik.
struct TraefikConfiguration: Hashable, Codable, Sendable {
    var http: HTTP?

    init(_ routes: [IngressRoute]) {
        guard !routes.isEmpty else { return }
        var http = HTTP()
        for route in routes {
            http.routers[route.name] = Router(rule: route.match.rule, service: route.name)
            let servers = route.targets.map { Server(url: "http://\($0)") }
            http.services[route.name] = Service(loadBalancer: LoadBalancer(servers: servers))
        }
        self.http = http
    }

    struct HTTP: Hashable, Codable, Sendable {
        var routers: [String: Router] = [:]
        var services: [String: Service] = [:]
    }

    struct Router: Hashable, Codable, Sendable {
        var rule: String
        var service: String
    }

    struct Service: Hashable, Codable, Sendable {
        var loadBalancer: LoadBalancer
    }

    struct LoadBalancer: Hashable, Codable, Sendable {
        var servers: [Server]
    }

    struct Server: Hashable, Codable, Sendable {
        var url: String
    }
}

extension Model.Service.Ingress {
    /// Traefik's words for it; what stands in them can't end the quotes.
    fileprivate var rule: String {
        "Host(`\(host)`)" + (path.map { " && PathPrefix(`\($0)`)" } ?? "")
    }
}
