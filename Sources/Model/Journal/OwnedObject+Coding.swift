/// Most objects are on the one node there is, and what was written first could be nowhere else.
extension OwnedObject {
    private enum CodingKeys: CodingKey {
        case kind, id, name, stack, claim, node, labels
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(kind, forKey: .kind)
        try members.encode(id, forKey: .id)
        try members.encode(name, forKey: .name)
        try members.encode(stack, forKey: .stack)
        try members.encodeIfPresent(claim, forKey: .claim)
        if node != NodeName.main { try members.encode(node, forKey: .node) }
        try members.encodeIfPresent(labels, forKey: .labels)
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            kind: try members.decode(Kind.self, forKey: .kind),
            id: try members.decode(String.self, forKey: .id),
            name: try members.decode(String.self, forKey: .name),
            stack: try members.decode(StackID.self, forKey: .stack),
            claim: try members.decodeIfPresent(String.self, forKey: .claim),
            node: try members.decodeIfPresent(String.self, forKey: .node) ?? NodeName.main,
            labels: try members.decodeIfPresent([String: String].self, forKey: .labels)
        )
    }
}
