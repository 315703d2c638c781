extension Stage {
    /// The command lines of the ssh clients that this stage's controller has started and that are
    /// still there.
    ///
    /// Each names the stage's folder, as the place of its `known_hosts`.
    func sshClients(below place: String? = nil) -> [String] {
        Files.names(in: "/proc").filter { $0.allSatisfy(\.isNumber) }
            .map { Files.text(of: "/proc/\($0)/cmdline").replacing("\0", with: " ") }
            .filter { $0.hasPrefix("/usr/bin/ssh ") && $0.contains(place ?? folder) }
    }
}
