extension RancherTable {
    /// Labels of services that Rancher, or what ran beside it, acted on.
    static let labels = [
        Row(
            word: "io.rancher.scheduler.global",
            meaning: "`true` runs one container: one a node, and a stack has one node; on a Swarm "
                + "an error that asks for `deploy: {mode: global}`, unless that is written too"
        ),
        Row(
            word: "io.rancher.scheduler.affinity:host_label",
            meaning: "`deploy.placement.constraints`: `node.labels.NAME == VALUE` for each pair"
        ),
        Row(
            word: "io.rancher.scheduler.affinity:host_label_ne",
            meaning: "likewise `node.labels.NAME != VALUE`"
        ),
        Row(
            word: "io.rancher.scheduler.affinity:*",
            meaning: "a stack runs whole on the node that the operator gave it; tasks of a Swarm "
                + "are where constraints let them be",
            instead: "remove it; without a Swarm services of one stack are on one node anyway, and "
                + "on one write deploy.placement.constraints"
        ),
        Row(
            word: "io.rancher.scheduler.ips",
            meaning: "chooses no address",
            instead: "write the address in ports:"
        ),
        Row(
            word: "io.rancher.sidekicks",
            meaning: "the services named run on the same node, which all of a stack do, and as "
                + "many containers of each; each is replaced when it changed itself; on a Swarm an "
                + "error"
        ),
        Row(
            word: "io.rancher.container.pull_image",
            meaning: "an image is pulled when what it means is looked up, with each change of "
                + "its service; a tag that moves in between changes nothing",
            instead: "remove it; push each version under a tag of its own"
        ),
        Row(
            word: "io.rancher.container.start_once",
            meaning: "`true` is `restart: \"no\"`: it runs to its end, once for each version"
        ),
        Row(
            word: "io.rancher.container.hostname_override",
            meaning: "containers bear names of Gyre's, which no program should rely on",
            instead: "write hostname:"
        ),
        Row(
            word: "io.rancher.container.dns",
            meaning: "the engine's own name service answers on every network of the stack"
        ),
        Row(
            word: "io.rancher.container.dns.priority",
            meaning: "changes no search path",
            instead: "remove it; name services as they are called in the file"
        ),
        Row(
            word: "io.rancher.container.requested_ip",
            meaning: "addresses change",
            instead: "remove it; reach services by their names"
        ),
        Row(
            word: "io.rancher.container.network",
            meaning: "services are on the stack's networks anyway"
        ),
        Row(
            word: "io.rancher.container.create_agent",
            meaning: "no container gets credentials of Gyre's",
            instead: "remove it"
        ),
        Row(
            word: "io.rancher.container.agent*",
            meaning: "no container gets credentials of Gyre's",
            instead: "remove it"
        ),
        Row(
            word: "io.rancher.container.agent_service.drain_provider",
            meaning: "there is no load balancer to drain",
            instead: "remove it"
        ),
        Row(
            word: "io.rancher.container.system",
            meaning: "all containers are treated alike",
            instead: "remove it"
        ),
        Row(
            word: "io.rancher.service.selector.link",
            meaning: "links nothing by its labels",
            instead: "name the services in links: or depends_on:"
        ),
        Row(
            word: "io.rancher.service.selector.container",
            meaning: "takes in no containers of others",
            instead: "declare them as services"
        ),
        Row(
            word: "io.rancher.service.wait_for_healthcheck",
            meaning: "a version counts as deployed when it is healthy"
        ),
        Row(
            word: "io.rancher.lb_service.*",
            meaning: "there is no load balancer",
            instead: "publish ports: of the services"
        ),
        Row(
            word: "io.rancher.loadbalancer.*",
            meaning: "there is no load balancer",
            instead: "publish ports: of the services"
        ),
        Row(
            word: "cron.*",
            meaning: "nothing is started by the clock yet",
            instead: "run a scheduler in a container that stays, such as cron -f"
        ),
        Row(
            word: "io.rancher.*",
            meaning: "nobody reads it",
            instead: "remove it"
        ),
    ]
}
