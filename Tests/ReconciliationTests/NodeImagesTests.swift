import Model
import Reconciliation
import Synchronization
import Testing

@Suite("Images of the node")
struct NodeImagesTests {
    @Test("each is asked for once, one that is not there included")
    func asksOnce() async throws {
        let asked = Mutex<[String]>([])
        var images = NodeImages { reference in
            asked.withLock { $0.append(reference) }
            guard reference == "web:1.0" else { return nil }
            return ImagePin(reference: reference, imageID: "sha256:1", digest: nil)
        }
        for reference in ["web:1.0", "gone:1", "web:1.0", "gone:1"] {
            let found = try await images.find(reference)
            #expect(found?.imageID == (reference == "web:1.0" ? "sha256:1" : nil))
        }
        #expect(asked.withLock { $0 } == ["web:1.0", "gone:1"])
    }
}
