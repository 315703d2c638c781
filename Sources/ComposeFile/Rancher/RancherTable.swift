/// What each word of Rancher means here, for the reader of its files and for its page.
///
/// Source: the Rancher 1.6 documentation of `rancher-compose.yml` and of service labels.
package enum RancherTable {
    /// One word.
    package struct Row: Hashable, Sendable {
        /// An attribute, or a label; `*` at its end is any end.
        package var word: String
        /// What Gyre makes of it.
        package var meaning: String
        /// What to write instead; nil where it is honoured and nobody need be warned.
        package var instead: String?
    }

    /// All rows under the headings of the page.
    package static var parts: [(title: String, rows: [Row])] {
        [("rancher-compose.yml", file), ("A service in it", service), ("Labels", labels)]
    }

    /// The tables in Markdown.
    package static var markdown: String {
        parts.map { part in
            let rows = part.rows.map { row in
                "| `\(row.word)` | \(row.meaning) | \(row.instead ?? "") |"
            }
            let head = ["## \(part.title)", "", "| word | here | instead |", "|---|---|---|"]
            return (head + rows).joined(separator: "\n")
        }
        .joined(separator: "\n\n")
    }

    /// The row of `word`: its own, or the longest that ends in `*` and fits.
    static func row(of word: String, in rows: [Row]) -> Row? {
        rows.first { $0.word == word }
            ?? rows.filter { $0.word.last == "*" && word.hasPrefix($0.word.dropLast()) }
            .max { $0.word.utf8.count < $1.word.utf8.count }
    }

    private static func kept(_ word: String, _ meaning: String) -> Row {
        Row(word: word, meaning: meaning)
    }

    private static func lost(_ word: String, _ meaning: String, _ instead: String) -> Row {
        Row(word: word, meaning: meaning, instead: instead)
    }
}

extension RancherTable {
    /// What stands at the top of `rancher-compose.yml`.
    static let file = [
        kept("version", "means nothing"),
        kept("services", "settings of the compose file's services, over what it says itself"),
        lost(".catalog", "there is no catalog", "remove it; write values into .env"),
        lost("volumes", "is not read", "declare volumes in the compose file"),
        lost("secrets", "is not read", "declare secrets in the compose file"),
        lost("networks", "is not read", "declare networks in the compose file"),
        lost("hosts", "makes no machines", "remove it; the operator names the engines"),
        lost("dependencies", "starts no other stacks", "remove it; give them stacks of their own"),
        lost("containers", "is not read", "declare services in the compose file"),
        lost("load_balancers", "there is no load balancer", "publish ports: of the services"),
        lost("storage_drivers", "installs no drivers", "remove it"),
        lost("network_drivers", "installs no drivers", "remove it"),
        lost("virtual_machines", "runs containers alone", "remove it"),
        lost("external_services", "makes no names", "write the address where it is used"),
        lost("aliases", "makes no names", "write aliases: of a network in the compose file"),
    ]

    /// What stands under a service of `rancher-compose.yml`.
    static let service = [
        kept("scale", "the number of containers; 0 counts as 1, as in Rancher"),
        kept(
            "start_on_create",
            "`false` creates the containers and leaves the first start to a person"
        ),
        kept("stop_grace_period", "as in the compose file"),
        kept("init", "as in the compose file"),
        kept("milli_cpu_reservation", "`deploy.resources.reservations.cpus` in thousandths"),
        kept("description", "a remark"),
        kept(
            "health_check",
            "fills in what `healthcheck:` leaves out; without a `test:` there it is a warning, "
                + "because Rancher asked over the network and Docker runs a command of the image"
        ),
        kept("health_check.port", "stands in the command that the warning proposes"),
        kept("health_check.request_line", "stands in the command that the warning proposes"),
        kept("health_check.interval", "`healthcheck.interval`, in milliseconds"),
        kept("health_check.response_timeout", "`healthcheck.timeout`, in milliseconds"),
        kept("health_check.unhealthy_threshold", "`healthcheck.retries`"),
        kept("health_check.initializing_timeout", "`healthcheck.start_period`, in milliseconds"),
        lost("health_check.healthy_threshold", "one success is enough", "remove it"),
        lost("health_check.reinitializing_timeout", "a start is a start", "remove it"),
        lost(
            "health_check.strategy",
            "`none` is what Gyre does: an unhealthy container is reported, not made anew",
            "write none, and let the program end when it can't go on"
        ),
        lost("health_check.recreate_on_quorum_strategy_config", "as for strategy", "remove it"),
        kept("upgrade_strategy", "its parts:"),
        lost(
            "upgrade_strategy.start_first",
            "`false` is what Gyre does; start-first is not there yet",
            "write false: the new container is made before the old one stops, and started after"
        ),
        lost("upgrade_strategy.batch_size", "Gyre goes at its own pace", "remove it"),
        lost("upgrade_strategy.interval_millis", "Gyre goes at its own pace", "remove it"),
        lost("retain_ip", "addresses change", "remove it; reach services by their names"),
        lost(
            "drain_timeout_ms",
            "`0` is what Gyre does: there is no load balancer to drain",
            "write stop_grace_period: in the compose file"
        ),
        lost("scale_policy", "the number of containers is fixed", "write scale:"),
        lost("metadata", "there is no metadata service", "write environment: or labels:"),
        lost("external_ips", "makes no names", "write the address where it is used"),
        lost("hostname", "makes no names", "write the name where it is used"),
        lost("lb_config", "there is no load balancer", "publish ports: of the services"),
        lost("load_balancer_config", "there is no load balancer", "publish ports: of the services"),
        lost("certs", "there is no load balancer", "mount certificates where they are used"),
        lost("default_cert", "there is no load balancer", "mount certificates where they are used"),
        lost("storage_driver", "installs no drivers", "remove it"),
        lost("network_driver", "installs no drivers", "remove it"),
        lost("secrets", "is not read", "write secrets: in the compose file"),
        lost("sysctls", "is not read", "write sysctls: in the compose file"),
        lost("type", "runs containers alone", "remove it"),
        lost("vcpu", "runs containers alone", "write cpus: in the compose file"),
        lost("memory", "runs containers alone", "write mem_limit: in the compose file"),
        lost("userdata", "runs containers alone", "remove it"),
        lost("disks", "runs containers alone", "write volumes: in the compose file"),
        lost("service_schemas", "there is no catalog", "remove it"),
    ]
}
