package import Model

extension RecordKeeping {
    /// The key that all who share a Swarm make digests of secrets with: the first one's, which is
    /// `own` where nobody has written one.
    ///
    /// Throws where somebody else has its name: each leader would go by a key of its own then, and
    /// each change of leader would write every service that has a secret.
    package func sharedKey(else own: ContentKey) async throws -> ContentKey {
        if try await create(.key, [:], own.bytes) { return own }
        if let record = try await record(.key) { return ContentKey(record.data) }
        let name = RecordName.key.text(of: controller)
        throw StepFailure(
            .permanent,
            "the Swarm has a config \(name) that no controller made, which is the name of the key "
                + "that controllers share",
            remedy: "docker config rm \(name), when nobody needs it"
        )
    }
}
