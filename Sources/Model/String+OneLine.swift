extension String {
    /// The same with line feeds as `\n`: a line of its own is what Gyre says, not what is quoted.
    ///
    /// Other characters that steer a terminal are made visible where text is printed.
    package var onOneLine: String {
        utf8.contains(0x0A) ? replacing("\r\n", with: "\\r\\n").replacing("\n", with: "\\n") : self
    }
}
