internal import ComposeFile
package import Model

/// Loads files in this very process, without any limit but the loader's own: for tests.
package struct LoadingHere: StackLoading {
    package let version = "here"

    package init() {}

    /// As the loader itself says it, whatever the limits.
    package func load(
        _ request: LoadRequest,
        key: ContentKey,
        within limits: LoadingLimits
    ) async throws -> StackReading {
        try StackReading(answering: request, key: key)
    }
}
