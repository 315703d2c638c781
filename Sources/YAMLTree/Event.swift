internal import Model

/// One step of a YAML stream as libyaml reports it, with its place.
struct Event {
    enum Kind {
        case documentStart, documentEnd, streamEnd
        case scalar(text: String, style: Node.Style)
        case alias(String)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
        /// The start of the stream, which says nothing.
        case other
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var location: SourceLocation
}
