//! `[flamigo]`: the Flamigo room.

section! {
    /// The Flamigo room, where its two generations differ.
    Flamigo in "flamigo", at flamigo {
        /// Whether a pattern matches topics with as many segments only, as the second generation has it; else it matches what is below, too.
        same_length: bool = false;
        /// Whether errors show their causes to clients, as `trace`. For development only.
        debug: bool = false;
    }
}
