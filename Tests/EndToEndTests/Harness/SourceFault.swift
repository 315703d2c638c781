import Testing

/// Something that is wrong with a repository's server or the way in, where all was well before.
struct SourceFault: Sendable {
    var wrong: Way
    /// The code in brackets, and words that go before it.
    var code: String
    var words: String
    /// Whether it is the same repository by the same means, so that what was fetched counts.
    var isSameOrigin = true

    /// Before anything is wrong: each project comes in by a way that is right for it.
    func rightWay(_ servers: GitServers) -> Way {
        guard !isSameOrigin else { return wrong }
        return Way(name: wrong.name, server: "\(servers["HTTPS"])/")
    }
}

extension Stage {
    /// What the status says of a repository.
    func message(_ fault: SourceFault, _ status: Status) -> String {
        let url = "\(fault.wrong.server)\(project(fault.wrong)).git"
        return status.repositories.first { $0.repository == url }?.problem ?? "nothing of \(url)"
    }

    /// Waits until repository and stack say what is wrong, and what to do.
    func told(_ fault: SourceFault) async throws {
        let name = project(fault.wrong)
        try await gyre.until("\(fault.wrong.name) is told: \(fault.words)") {
            // The repository's answer comes first, and its stacks' next look takes it up; what an
            // earlier question came to may differ, as when the server was too busy to answer.
            guard let stack = try? $0.stack(name), let told = stack.problem("repository") else {
                return false
            }
            return [message(fault, $0), told.message].allSatisfy { text in
                text.contains("[\(fault.code)]") && text.contains(fault.words)
            } && stack.state == "unknown"
        }
        let stack = try await gyre.status().stack(name)
        let problem = try #require(stack.problem("repository"), "\(fault.wrong.name): \(stack)")
        #expect(!problem.remedy.isEmpty, "\(problem)")
    }
}
