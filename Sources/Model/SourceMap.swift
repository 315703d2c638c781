/// Where each value of a stack was written, beside the values instead of around them.
///
/// The values stay plain, so they compare, hash and print as what they mean; whoever has to
/// point at one asks for its place by path.
package struct SourceMap: Hashable, Codable, Sendable {
    private var places: [FieldPath: SourceLocation]

    package init(_ places: [FieldPath: SourceLocation] = [:]) {
        self.places = places
    }

    /// Records where the value at `path` was written; the last word wins, as in a merge.
    package mutating func record(_ location: SourceLocation, at path: FieldPath) {
        places[path] = location
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
