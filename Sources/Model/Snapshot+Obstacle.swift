/// What stands in the place of a folder and is none, so that nobody knows what the folder holds.
package struct FolderObstacle: Error, Hashable, Sendable {
    /// What it is.
    package enum Kind: Hashable, Sendable {
        case submodule
        case file
        case link(target: String, Astray)
    }

    /// Where a link leads that leads to no folder of the tree.
    package enum Astray: Error, Hashable, Sendable {
        case nowhere
        case outside
        case circle
        case submodule
        case file
    }

    /// The part of the folder's path that ends with it.
    package let path: String
    package let kind: Kind

    package init(_ path: String, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

extension FolderObstacle: CustomStringConvertible {
    /// A sentence without a full stop that says what it is.
    package var description: String {
        switch kind {
        case .submodule: "\(path) is a submodule, which Gyre doesn't fetch"
        case .file: "\(path) is a file and no folder"
        case .link(let target, let astray): "\(path) is a link to \(target), \(astray.words)"
        }
    }
}

extension FolderObstacle.Astray {
    fileprivate var words: String {
        switch self {
        case .nowhere: "where nothing is"
        case .outside: "which is not in the repository"
        case .circle: "which leads in a circle"
        case .submodule: "which is in a submodule, and Gyre doesn't fetch those"
        case .file: "which is a file and no folder"
        }
    }
}

extension Snapshot {
    /// What keeps anybody from looking into the folder `path`; nil where it can be looked into, and
    /// where nothing stands in its place.
    ///
    /// Whoever finds no file in a folder must not take one that can't be looked into for an empty
    /// one, or for one that was deleted.
    package func obstacle(at path: String) -> FolderObstacle? {
        var walked = ""
        var place = ""
        let names = path.split(separator: "/").filter { $0 != "." }
        // No tree is so deep.
        guard names.count <= Snapshot.mostSteps else { return nil }
        for name in names {
            walked += walked.isEmpty ? "\(name)" : "/\(name)"
            let next = place.isEmpty ? "\(name)" : "\(place)/\(name)"
            switch entries[next] {
            case nil where isDirectory(next): place = next
            case nil: return nil
            case .submodule: return FolderObstacle(walked, .submodule)
            case .file, .omitted, .lfsPointer: return FolderObstacle(walked, .file)
            case .link(let target):
                do throws(FolderObstacle.Astray) {
                    place = try folder(behind: next)
                } catch {
                    return FolderObstacle(walked, .link(target: target, error))
                }
            }
        }
        return nil
    }

    /// The folder that the link at `path` leads to.
    private func folder(behind path: String) throws(FolderObstacle.Astray) -> String {
        let place: String
        do throws(ReadError) {
            place = try resolve(path)
        } catch {
            throw error == .tooManyLinks ? .circle : .outside
        }
        if isDirectory(place) { return place }
        if entries[place] == .submodule || isInSubmodule(place) { throw .submodule }
        throw entries[place] == nil ? .nowhere : .file
    }
}
