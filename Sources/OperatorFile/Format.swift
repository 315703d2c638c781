internal import Model

/// What a single value of `gyre.yaml` looks like.
enum Format: Hashable, Sendable {
    case name
    /// Of a compose project.
    case composeName
    case path
    case absolutePath
    case engine
    case url
    case branch
    case folder
    /// A file of a repository, seen from a folder of it.
    case fileBeside
    case duration
    case durationOrNever
    case size
    case boolean
    case registry
    case registryHost
    case capability
    case versions
    case folders
    case host
    case proxy
    case user
    case variable
    case ruleID
    case prefix
    case labelPrefix
    case nodeLabel
    case words
    case date
    case subnet
    case sysctl
    case author
    case agent
    case agentRule
    case pages
    case choice([String])
    case count(ClosedRange<Int>)
    /// A number, or two with a hyphen between them.
    case numbers(ClosedRange<Int>)

    /// What the reference calls it.
    var title: String {
        switch self {
        case .name, .composeName: "name"
        case .path: "path"
        case .absolutePath: "absolute path"
        case .engine: "URL of an engine"
        case .url: "path or URL"
        case .branch: "branch"
        case .folder: "folder"
        case .fileBeside: "file"
        case .duration: "duration"
        case .durationOrNever: "duration or `never`"
        case .size: "size"
        case .boolean: "boolean"
        case .registry: "registry prefix"
        case .registryHost: "host"
        case .capability: "capability"
        case .versions: "range of versions"
        case .folders: "pattern of folders"
        case .host: "host"
        case .proxy: "URL"
        case .user: "user"
        case .variable: "name of a variable"
        case .ruleID: "id of a rule"
        case .prefix: "name"
        case .labelPrefix: "label prefix"
        case .nodeLabel: "label"
        case .words: "text"
        case .date: "date"
        case .subnet: "subnet"
        case .sysctl: "sysctl"
        case .author: "name and address"
        case .agent: "URL of an agent"
        case .agentRule: "path of a rule"
        case .pages: "URL of a folder"
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: " or ")
        case .count: "number"
        case .numbers: "number or range"
        }
    }

    /// What is wrong with `text`, as the rest of a sentence that starts with it; nil when
    /// nothing is.
    func problem(with text: String) -> String? {
        switch self {
        case .name: Name.isValid(text) ? nil : Format.nameRule
        case .composeName: Format.isComposeName(text) ? nil : Format.composeNameRule
        case .path: Format.isPath(text) ? nil : "is no path"
        case .absolutePath:
            Format.isCleanAbsolutePath(text)
                ? nil : "is no absolute path without \".\", \"..\" and doubled or final slashes"
        case .engine:
            EngineAddress(text) == nil
                ? "is no unix:// URL with an absolute path, such as unix:///var/run/docker.sock, "
                    + "and no tcp://host:2376 or ssh://user@host"
                : nil
        case .url: Format.urlProblem(text)
        case .branch: Format.isBranch(text) ? nil : "can't name a branch"
        case .folder: Format.folder(text) == nil ? "is no path inside the repository" : nil
        case .fileBeside: Format.isFile(text) ? nil : "is no path of a file in the repository"
        case .duration: Format.duration(text) == nil ? "is no duration such as 90s or 1m30s" : nil
        case .durationOrNever: Format.ageProblem(text)
        case .size: Format.size(text) == nil ? "is no size such as 512m or 8g" : nil
        case .versions:
            VersionRange(text) == nil ? "is no range of versions such as ^1.2 or >=1.2 <2" : nil
        case .folders: FolderPattern(text) == nil ? "is no pattern inside the repository" : nil
        case .host: Format.isHost(text) ? nil : "is no lowercase name or address of a host"
        case .proxy: Format.proxyProblem(text)
        case .user: Format.isUser(text) ? nil : "is no user: it holds a colon or a line's end"
        case .variable: Format.isVariable(text) ? nil : "is no name of a variable"
        case .boolean: text == "true" || text == "false" ? nil : "is neither true nor false"
        case .registry:
            Format.isRegistry(text)
                ? nil : "is no host with an optional path, such as registry.example.org/team"
        case .registryHost:
            Format.isRegistry(text) && !text.contains("/")
                ? nil : "is no host such as registry.example.org or registry.example.org:5000"
        case .capability: Format.capabilityProblem(text)
        case .ruleID: Name.isValid(text) ? nil : "is no id of a rule"
        case .prefix: Format.isPrefix(text) ? nil : "has other characters than names have"
        case .labelPrefix:
            Format.isPrefix(text.filter { $0 != "/" })
                ? nil : "has other characters than labels have"
        case .nodeLabel:
            Format.nodeLabel(text) == nil ? "is no label such as tier=web" : nil
        case .words: Format.isPath(text) ? nil : "holds no words, or a line's end"
        case .date: Instant(date: text) == nil ? "is no date such as 2027-01-31" : nil
        case .subnet: Format.isSubnet(text) ? nil : "is no subnet such as 172.28.0.0/16"
        case .sysctl:
            Format.isPrefix(text) && text.contains(".") ? nil : "is no sysctl such as net.ipv4.x"
        case .author:
            Restoration.Author(parsing: text, seconds: 0) == nil
                ? "is no name and address such as Gyre <gyre@example.org>" : nil
        case .agent:
            PolicyAgent.Address(text) == nil
                ? "is no https://host[:port], unix:///path, or http:// and this machine" : nil
        case .pages:
            Format.isPages(text) ? nil : "is no URL of a folder, such as https://example.org/docs/"
        case .agentRule:
            PolicyAgent.isRule(text) ? nil : "is no path of a rule, such as gyre/verdict"
        case .choice(let choices):
            choices.contains(text)
                ? nil
                : "is not \(choices.joined(separator: " or "))" + Suggestion.question(text, choices)
        case .count(let range):
            Int(text).map(range.contains) == true
                ? nil : "is no whole number from \(range.lowerBound) to \(range.upperBound)"
        case .numbers(let range):
            Format.numbers(text, within: range) == nil
                ? "is no number or range within \(range.lowerBound)-\(range.upperBound)" : nil
        }
    }

    private static let composeNameRule =
        "is no name of a compose project: lowercase letters, digits, - and _, one of the former "
        + "first"

    /// As Docker Compose has it.
    private static func isComposeName(_ text: String) -> Bool {
        let isStart = text.first.map { $0 != "-" && $0 != "_" } ?? false
        return isStart && text.utf8.count <= 63
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
    }

    private static let nameRule =
        "is no name: use lowercase letters, digits and inner hyphens, at most 63 characters"
}
