internal import Admission
internal import Model

extension PlanningInput {
    /// How many tasks of each service a Swarm may run beside those that they replace.
    func swarmSurges(_ rules: SwarmRules) -> [String: Int] {
        let draft = PlanDraft(self)
        let swarm = SwarmDraft(rules, self)
        return desired.admitted.stack.services.reduce(into: [:]) { surges, named in
            let (name, service) = named
            let rendering = swarm.rendering(name, draft.networks)
            guard draft.startsFirst(name), let found = swarm.existing[rendering.serviceName],
                swarm.isUpdated(found, toward: rendering)
            else { return }
            // One that has a task on each node has as many as there are nodes then.
            let tasks = found.replicas.map { min(service.replicas, Int($0)) } ?? .max
            let most = draft.rollout(of: service).parallelism
            if tasks > 0 { surges[name] = most > 0 ? min(most, tasks) : tasks }
        }
    }
}
