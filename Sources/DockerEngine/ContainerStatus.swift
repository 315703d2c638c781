internal import Model

/// The status text of a listing, such as `Up 3 seconds (healthy)`, taken apart.
///
/// Source: `State.String` of the engine; the form is the same from 1.41 to 1.52.
struct ContainerStatus: Hashable {
    var health: ObservedContainer.Health?
    var exitCode: Int?

    init(_ text: String) {
        guard let opening = text.firstIndex(of: "("),
            let closing = text[opening...].firstIndex(of: ")")
        else { return }
        let inside = text[text.index(after: opening)..<closing]
        if text.hasPrefix("Up ") {
            health =
                switch inside {
                case "healthy": .healthy
                case "unhealthy": .unhealthy
                case "health: starting": .starting
                default: nil
                }
        } else if text.hasPrefix("Exited ") || text.hasPrefix("Restarting ") {
            exitCode = Int(inside)
        }
    }
}
