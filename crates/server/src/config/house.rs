//! The keys outside of any table.

use std::path::PathBuf;

use super::{Listen, PublicUrl};

section! {
    /// Every key is shown with its default. A variable `QUINTET_<KEY>` or `QUINTET_<TABLE>_<KEY>` overrides the file, a flag overrides both.
    House in "", at house {
        /// Where to listen, as host:port. Port 0 takes any free one; `"0.0.0.0:8080"` can be reached from other machines.
        listen: Listen = Listen::new("127.0.0.1", 8080);
        /// The directory of the database and the control socket.
        data: PathBuf = PathBuf::from("data");
        /// The URL at which others reach this server, as in `"https://chat.example.org"`; made from `listen` where it is empty.
        origin: Option<PublicUrl> = None;
        /// Whether to compress WebSocket messages for peers that offer it (permessage-deflate): less traffic, more CPU.
        compression: bool = false;
        /// Threads that serve connections, and tasks that deliver to them; 0 takes one for each core.
        threads: u64 = 0;
    }
}
