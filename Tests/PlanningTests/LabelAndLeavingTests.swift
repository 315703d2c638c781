import Model
import Planning
import TestSupport
import Testing

/// What Gyre writes and leaves besides what the files say.
@Suite struct LabelAndLeavingTests {
    /// Law 9: a container from before a label was written is what its file says.
    @Test func aLabelThatIsMissingCreatesNothingAnew() throws {
        let stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        let facts = [
            Labels.Compose.configHash, Labels.Compose.configFiles,
            Labels.Compose.workingDirectory,
        ]
        for id in rehearsal.node.containers.keys {
            for fact in facts {
                let old = rehearsal.node.containers[id]?.seen.labels.removeValue(forKey: fact)
                #expect(old != nil, "\(fact) is written")
            }
        }
        #expect(try rehearsal.plan(stack, commit: Gateway.commit).isEmpty)
    }

    @Test func composeIsToldTheFilesAndTheHash() throws {
        var stack = try Gateway.stack()
        stack.files = ["shops/\u{200B}web/compose.yaml", "shops/compose.prod.yaml"]
        let rehearsal = try Gateway.running(stack)
        let labels = try #require(rehearsal.node.containers.values.first?.seen.labels)
        #expect(
            labels[Labels.Compose.configFiles]
                == "shops/?web/compose.yaml,shops/compose.prod.yaml"
        )
        #expect(labels[Labels.Compose.workingDirectory] == "shops/?web")
        let hash = labels[Labels.Compose.configHash] ?? ""
        #expect(labels[Labels.spec] == "1:\(hash)" && hash.count == 64)
        stack.files = ["compose.yaml"]
        #expect(try rehearsal.plan(stack, commit: Gateway.commit).isEmpty)
    }

    @Test func whatARemovalLeavesIsTold() throws {
        var stack = try Gateway.stack()
        var rehearsal = try Gateway.running(stack)
        let anonymous = String(repeating: "9f", count: 32)
        for id in rehearsal.node.containers.keys {
            rehearsal.node.containers[id]?.seen.volumes.append(anonymous)
        }
        #expect(try rehearsal.plan(stack, commit: Gateway.commit).leavings.isEmpty)
        stack.services["apache"]?.environment = ["COLOUR": "green"]
        let plan = try rehearsal.plan(stack, commit: Gateway.commit)
        #expect(plan.leavings.values.map(\.self) == [[anonymous]])
        #expect(
            plan.description.contains(
                "pending: astro_gateway-apache-1 leaves its anonymous volume \(anonymous) behind"
            )
        )
        #expect(!plan.description.contains("astro_gateway_data"))
    }
}
