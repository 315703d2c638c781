/// How long a test waits for anything before it gives up.
///
/// It only ends a test that fails: nothing here is proved by how long it took, since machines
/// differ and are shared. What has to be quick is measured by `make bench`.
let patience: Duration = .seconds(240)

/// Something that did not come about in time, with what was seen last.
struct NotInTime: Error, CustomStringConvertible {
    var description: String
}

/// Looks again and again until `condition` holds.
///
/// An error of the condition counts as "not yet" and is told when time is up.
func eventually(
    _ what: String,
    pause: Duration = .milliseconds(100),
    tail: () -> String = { "" },
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    var last: (any Error)?
    while true {
        do {
            if try await condition() { return }
            last = nil
        } catch {
            last = error
        }
        guard ContinuousClock.now < deadline else {
            let reason = last.map { ": \($0)" } ?? ""
            throw NotInTime(description: "not within \(patience): \(what)\(reason)\n\(tail())")
        }
        try await Task.sleep(for: pause)
    }
}

/// Sees for a while that something stays as it is.
func remains(
    _ what: String,
    for span: Duration,
    tail: () -> String = { "" },
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + span
    while ContinuousClock.now < deadline {
        guard try await condition() else {
            throw NotInTime(description: "did not remain so for \(span): \(what)\n\(tail())")
        }
        try await Task.sleep(for: .milliseconds(200))
    }
}
