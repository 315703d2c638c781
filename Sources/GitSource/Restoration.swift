package import Model

/// A commit to be written: what a folder or file held once, on top of a branch as it is now.
package struct Restoration: Hashable, Sendable {
    /// In the repository; the empty path is its root.
    package var path: String
    /// The commit whose content comes back; where it has nothing at `path`, that is removed.
    package var source: Commit
    package var branch: String
    package var message: String
    package var author: Author

    package init(
        _ path: String,
        from source: Commit,
        onto branch: String,
        message: String,
        author: Author
    ) {
        self.path = path
        self.source = source
        self.branch = branch
        self.message = message
        self.author = author
    }

    /// In whose name it is written, and when.
    package struct Author: Hashable, Sendable {
        package var name: String
        package var email: String
        /// Since 1970.
        package var seconds: Int64

        package init(name: String, email: String, seconds: Int64) {
            self.name = name
            self.email = email
            self.seconds = seconds
        }
    }
}
