package import Model

/// A repository, what of it is followed, and by what it is entered: what one poll is about,
/// whatever folders hold stacks.
package struct Upstream: Hashable, Sendable {
    package var repository: RepositoryURL
    package var reference: GitReference
    package var access: RepositoryAccess
    package var signers: Signers?

    package init(
        _ repository: RepositoryURL,
        _ reference: GitReference,
        _ access: RepositoryAccess = RepositoryAccess(),
        signers: Signers? = nil
    ) {
        self.repository = repository
        self.reference = reference
        self.access = access
        self.signers = signers
    }

    /// What one conversation is with, whatever is followed of it.
    struct Place: Hashable, Sendable {
        var repository: RepositoryURL
        var access: RepositoryAccess

        /// Whom a poll keeps busy; empty for the node itself.
        var host: String { repository.isLocal ? "" : repository.host }
    }

    var place: Place { Place(repository: repository, access: access) }

    var host: String { place.host }

    /// For an order that is the same each time.
    var text: String { "\(repository.text) \(reference)" }
}

extension Origin {
    /// What is asked for its tip.
    package var upstream: Upstream {
        Upstream(repository, reference, access, signers: signers)
    }

    /// The root of what is followed.
    init(_ upstream: Upstream) {
        self.init(
            repository: upstream.repository,
            reference: upstream.reference,
            folder: "",
            access: upstream.access,
            signers: upstream.signers
        )
    }
}
