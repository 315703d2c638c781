package import Model

/// Reads the documents of a YAML file.
///
/// - A file without any value has no documents.
/// - Aliases and merge keys are resolved; tags are kept on their nodes.
/// - Keys are strings, and one mapping has each of them once.
/// - A walk of what is returned visits at most `bounds.nodes` nodes and goes at most
///   `bounds.levels` deep.
package func parseYAML(
    _ bytes: [UInt8],
    file: String,
    bounds: YAMLBounds = .standard
) throws(Rejection) -> [Node] {
    var repeated = 0
    return try parseYAML(bytes, file: file, bounds: bounds, repeated: &repeated)
}

/// The same, adding to `repeated` how many nodes a walk visits because aliases stand for them.
package func parseYAML(
    _ bytes: [UInt8],
    file: String,
    bounds: YAMLBounds = .standard,
    repeated: inout Int
) throws(Rejection) -> [Node] {
    let source = try SourceText(bytes, file: file, bounds: bounds)
    let text = SpacedColons(source.bytes, levels: bounds.levels)
    return try text.bytes.withUnsafeBufferPointer { buffer throws(Rejection) in
        guard let reader = EventReader(buffer, file: file, blanks: text.blanks) else { return [] }
        var composer = Composer(file: file, bounds: bounds)
        defer { repeated += composer.repeated }
        return try composer.compose(reader)
    }
}
