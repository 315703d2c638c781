/// An answer of one sentence.
struct Remark: Answer {
    let message: String

    init(_ message: String) { self.message = message }

    func text(_ style: Style) -> String { message }
}
