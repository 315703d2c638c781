/// How much text interpolation may make before it is refused.
///
/// Each value may be short and name a value made of names, so the bound is on what is made.
struct ExpansionBudget {
    /// Bytes of one value.
    let value = 1 << 20
    /// Bytes of all values together that are left.
    var total = 16 << 20
    /// Defaults inside defaults.
    let depth = 32
}
