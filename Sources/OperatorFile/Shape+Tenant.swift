/// The table of the keys of a repository's `.gyre.yaml`.
extension Shape {
    static let tenantFile = Shape.mapping([
        Key(
            "stacks",
            .named(declaredStack),
            isRequired: true,
            "The stacks of the repository, by name; what it doesn't name is none."
        )
    ])

    private static let declaredStack = Shape.mapping([
        Key(
            "folder",
            .value(.folder),
            otherwise: "name of the stack",
            "Its folder, from the one that `.gyre.yaml` is in."
        ),
        Key(
            "files",
            .list(.value(.fileBeside)),
            otherwise: "those that Docker Compose looks for",
            "Its compose files, each read over those before, from its folder."
        ),
        Key(
            "env_files",
            .list(.value(.fileBeside)),
            otherwise: "`.env`, where there is one",
            "Files of variables for its compose files, each winning over those before."
        ),
        Key(
            "environment",
            .value(.name),
            otherwise: "the operator's first",
            "The environment that it is for."
        ),
        Key(
            "environments",
            .named(overlay),
            otherwise: "none that differ",
            "What is read over these files in each environment, by name."
        ),
        Key(
            "depends_on",
            .list(.value(.name)),
            standard: "[]",
            "Stacks of the project that are ready before this one changes."
        ),
    ])

    private static let overlay = Shape.mapping([
        Key(
            "files",
            .list(.value(.fileBeside)),
            standard: "[]",
            "Compose files that are read over those of the stack, and in the place of Compose's "
                + "override file."
        ),
        Key(
            "env_files",
            .list(.value(.fileBeside)),
            standard: "[]",
            "Files of variables that win over those of the stack."
        ),
    ])
}
