//! `[documents]`: who may make what.

section! {
    /// Documents with signed commits, which Atomic Data calls resources.
    Documents in "documents", at documents {
        /// Whether every user may make drives, which have no parent; admins may anyway.
        drives: bool = true;
    }
}
