//! `[rooms]`: how rooms behave.

section! {
    /// Rooms: those in which people talk, which some clients call channels, and those of the protocols.
    Rooms in "rooms", at rooms {
        /// Whether those who are not logged in may read the rooms that every user may read.
        public_read: bool = false;
        /// Whether a Flamigo client's pattern hears topics with as many segments only, as that room's second generation has it; else it
        /// hears what is below, too.
        same_length_patterns: bool = false;
        /// Whether the Flamigo room's errors show their causes to clients, as `trace`. For development only.
        error_traces: bool = false;
    }
}
