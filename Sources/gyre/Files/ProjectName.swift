internal import FoundationEssentials
internal import Model

/// The name that a folder's stack gets when nobody gives one.
enum ProjectName {
    /// The folder's own name, in lower case, with hyphens for what a name can't hold.
    static func of(folder: String) -> String {
        let path = URL(filePath: folder).standardizedFileURL.path()
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let letters = name.map { letter in
            letter.isASCII && (letter.isLetter || letter.isNumber) ? letter : "-"
        }
        let trimmed = String(letters.prefix(63)).split(separator: "-").joined(separator: "-")
        return Name.isValid(trimmed) ? trimmed : "stack"
    }
}
