/// What the OpenSSH client tells at the level DEBUG1 of how far it came.
///
/// Its words are those of OpenSSH since 7.8.
package struct SSHAccount {
    /// How the line begins that says that the server let us in.
    package static let entry = "Authenticated to "
    private static let remark = "kex_exchange_identification: banner line 0: "

    private enum Stage { case nowhere, connected, greeted, entered }

    private let text: String
    private let stage: Stage
    /// What the server said first where a server of ssh greets.
    private let opening: String?

    init(_ text: String) {
        self.text = text
        let lines = text.split(whereSeparator: \.isNewline)
        stage =
            if lines.contains(where: { $0.hasPrefix(SSHAccount.entry) }) {
                .entered
            } else if text.contains("Remote protocol version ") {
                .greeted
            } else if text.contains("Connection established") {
                .connected
            } else {
                .nowhere
            }
        opening = lines.lazy.compactMap { line in
            line.firstRange(of: SSHAccount.remark).map { SSHAccount.plain(line[$0.upperBound...]) }
        }.first { !$0.isEmpty }
    }

    /// What we still wait for.
    var waiting: String {
        switch stage {
        case .nowhere: "no connection"
        case .connected:
            opening.map { "the server says \"\($0)\" and nothing of ssh" }
                ?? "the server accepts the connection, but says nothing of ssh"
        case .greeted: "the server speaks ssh, but comes to no agreement with us"
        case .entered: "the server lets us in, but says nothing"
        }
    }

    /// Why what answers there is no ssh server; nil where it may be one.
    ///
    /// A server that is too busy says so in a line before it hangs up, and is one all the same.
    var stranger: String? {
        let isNoise =
            [
                "banner line contains invalid characters", "banner line too long",
                "No SSH version received", "Invalid SSH identification",
                // Nobody has so much to say before a greeting; the end may not have been kept.
                "banner line 20: ",
            ].contains { text.contains($0) }
        if stage == .connected, isNoise || opening?.hasPrefix("HTTP/") == true {
            return "no ssh server answers there\(opening.map { ", but \"\($0)\"" } ?? "")"
        }
        let isBroken = ["Bad packet length", "ssh_dispatch_run_fatal"]
            .contains { text.contains($0) }
        return stage == .greeted && isBroken
            ? "the server begins to speak ssh and goes on with something else" : nil
    }

    /// A server's words, short and without what a terminal would act on.
    private static func plain(_ words: Substring) -> String {
        String(
            words.prefix(80).filter { character in
                character.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            }
        )
    }
}
