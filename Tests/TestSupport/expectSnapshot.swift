internal import Foundation
package import Testing

/// Compares `text` with the golden file `Snapshots/<name>.txt` beside the calling test file.
///
/// With `UPDATE_SNAPSHOTS=1` in the environment the file is written instead, to be read in the
/// change before it is committed.
package func expectSnapshot(
    _ text: String,
    named name: String,
    filePath: String = #filePath,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    let folder = URL(filePath: filePath).deletingLastPathComponent().appending(path: "Snapshots")
    let file = folder.appending(path: "\(name).txt")
    let wanted = text.hasSuffix("\n") ? text : text + "\n"
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try wanted.write(to: file, atomically: true, encoding: .utf8)
        } catch {
            Issue.record("\(file.path) can't be written: \(error)", sourceLocation: sourceLocation)
        }
        return
    }
    guard let golden = try? String(contentsOf: file, encoding: .utf8) else {
        Issue.record(
            "there is no \(file.path); run with UPDATE_SNAPSHOTS=1 to write it:\n\(wanted)",
            sourceLocation: sourceLocation
        )
        return
    }
    guard golden != wanted else { return }
    Issue.record(
        "not what \(file.path) says:\n\(TextDiff(from: golden, to: wanted))",
        sourceLocation: sourceLocation
    )
}
