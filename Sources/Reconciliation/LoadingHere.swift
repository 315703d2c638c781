internal import ComposeFile
package import Model
internal import OperatorFile

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

    /// As the reader itself says it.
    package func tenantFile(
        _ bytes: [UInt8],
        at path: String,
        of project: String,
        within limits: LoadingLimits
    ) async throws -> TenantFile {
        try TenantFile(parsing: bytes, file: path)
    }
}
