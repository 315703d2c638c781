import Model
import Testing

@testable import Reconciliation

@Suite struct EventTests {
    @Test(arguments: [
        ("die", [:], true),
        ("health_status: healthy", [:], true),
        ("exec_create: sh -c true", [:], false),
        ("create", [Labels.content: "carrier"], false),
        ("destroy", [Labels.content: "carrier"], false),
        ("destroy", [Labels.content: "file"], true),
    ])
    func mattersWhereAnythingCouldBeOtherwise(
        action: String,
        labels: [String: String],
        matters: Bool
    ) {
        let event = EngineEvent(
            kind: "container",
            action: action,
            containerID: "a",
            labels: labels
        )
        #expect(Controller.matters(event) == matters)
    }

    @Test(arguments: [
        ("die", true), ("oom", true), ("health_status: unhealthy", true),
        ("health_status: healthy", false), ("health_status: starting", false), ("start", false),
    ])
    func whatServesNoLongerIsLost(action: String, isLoss: Bool) {
        let event = EngineEvent(kind: "container", action: action, containerID: "a")
        #expect(Controller.isLoss(event) == isLoss)
    }
}
