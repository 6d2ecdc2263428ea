//! `[rooms]`: who may read.

section! {
    /// Rooms, which some clients call channels.
    Rooms in "rooms", at rooms {
        /// Whether those who are not logged in may read the rooms that every user may read.
        public_read: bool = false;
    }
}
