//! The ledger's tree of rooms.

use quintet_core::id::Id;
use quintet_core::room::Room;

use super::super::rows;
use super::Ledger;
use crate::record::Number;
use crate::tables::{Kept, Rooms};

impl Rooms for Ledger {
    fn room(&self, id: Id) -> Kept<Option<Room>> {
        rows::get(&self.connection, id)
    }

    fn has_room(&self, id: Id) -> Kept<bool> {
        rows::has::<Room>(&self.connection, id)
    }

    fn room_count(&self) -> Kept<u64> {
        self.count("SELECT count(*) FROM resources WHERE class = 2")
    }

    fn rooms_in(&self, parent: Option<Id>) -> Kept<Vec<Room>> {
        let sql = "SELECT body FROM resources WHERE parent IS ? AND class = 2 ORDER BY id";
        rows::list(&self.connection, sql, [parent.map(Number)])
    }

    fn put_room(&mut self, room: &Room) -> Kept<()> {
        rows::put(&self.connection, room)
    }

    fn remove_room(&mut self, id: Id) -> Kept<()> {
        for sql in [
            "DELETE FROM reactors WHERE chat IN (SELECT id FROM resources WHERE parent = ? AND class = 1)",
            "DELETE FROM reactions WHERE chat IN (SELECT id FROM resources WHERE parent = ? AND class = 1)",
            "DELETE FROM stems WHERE rowid IN (SELECT id FROM resources WHERE parent = ? AND class = 1)",
            "DELETE FROM chat_subjects WHERE chat IN (SELECT id FROM resources WHERE parent = ? AND class = 1)",
            "DELETE FROM bonds WHERE own IN (SELECT id FROM resources WHERE parent = ? AND class = 1)",
            "DELETE FROM bonds WHERE own = ?",
            "DELETE FROM follows WHERE followee = ?",
            "DELETE FROM resources WHERE parent = ? AND class IN (1, 3)",
            "DELETE FROM grants WHERE scope = ?",
            "DELETE FROM resources WHERE id = ?",
        ] {
            self.execute(sql, [Number(id)])?;
        }
        Ok(())
    }
}
