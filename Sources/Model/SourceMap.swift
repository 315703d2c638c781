/// Where each value of a stack was written, beside the values instead of around them.
///
/// The values stay plain, so they compare, hash and print as what they mean; whoever has to
/// point at one asks for its place by path.
package struct SourceMap: Hashable, Codable, Sendable {
    private var places: [FieldPath: SourceLocation]
    /// What files call the values that they have under another path.
    private var names: [FieldPath: FieldPath] = [:]

    package init(_ places: [FieldPath: SourceLocation] = [:]) {
        self.places = places
    }

    /// Records where the value at `path` was written; the last word wins, as in a merge.
    package mutating func record(_ location: SourceLocation, at path: FieldPath) {
        places[path] = location
    }

    /// The same of a value that the file has under another path, as a config that becomes a mount.
    package mutating func record(
        _ location: SourceLocation,
        at path: FieldPath,
        as written: FieldPath
    ) {
        places[path] = location
        names[path] = written
    }

    /// What the file calls the value at `path`.
    package func name(of path: FieldPath) -> FieldPath {
        guard !names.isEmpty else { return path }
        var rest: [FieldPath.Component] = []
        var current: FieldPath? = path
        while let whole = current {
            if let written = names[whole] {
                return FieldPath(written.components + rest.reversed())
            }
            rest += whole.components.suffix(1)
            current = whole.parent
        }
        return path
    }

    /// The place of the value at `path`, or of the nearest value around it that was written.
    package func location(of path: FieldPath) -> SourceLocation? {
        var current: FieldPath? = path
        while let path = current {
            if let place = places[path] { return place }
            current = path.parent
        }
        return nil
    }

    /// Whether the file itself wrote a value at exactly `path`.
    package func wrote(_ path: FieldPath) -> Bool { places[path] != nil }
}
