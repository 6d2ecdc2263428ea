//! The ledger's roles, members and grants.

use quintet_core::id::Id;
use quintet_core::right::{Grant, Holder, Role, Scope};
use rusqlite::params;

use super::super::rows;
use super::Ledger;
use crate::record::{Number, Record};
use crate::tables::{Kept, Roles};

impl Roles for Ledger {
    fn has_role(&self, id: Id) -> Kept<bool> {
        rows::has::<Role>(&self.connection, id)
    }

    fn is_role_name(&self, name: &str) -> Kept<bool> {
        rows::exists(&self.connection, "SELECT 1 FROM resources WHERE class = 5 AND body ->> '$.name' = ?", [name])
    }

    fn role_count(&self) -> Kept<u64> {
        self.count("SELECT count(*) FROM resources WHERE class = 5")
    }

    fn add_role(&mut self, role: &Role) -> Kept<()> {
        rows::put(&self.connection, role)
    }

    fn remove_role(&mut self, id: Id) -> Kept<()> {
        for sql in [
            "DELETE FROM members WHERE role = ?",
            "DELETE FROM grants WHERE kind = 1 AND holder = ?",
            "DELETE FROM resources WHERE id = ?",
        ] {
            self.execute(sql, [Number(id)])?;
        }
        Ok(())
    }

    fn assign(&mut self, role: Id, user: Id, member: bool) -> Kept<()> {
        let sql = if member {
            "INSERT OR IGNORE INTO members (role, user) VALUES (?, ?)"
        } else {
            "DELETE FROM members WHERE role = ? AND user = ?"
        };
        self.execute(sql, [Number(role), Number(user)])
    }

    fn put_grant(&mut self, grant: &Grant) -> Kept<()> {
        let scope = match grant.scope {
            // No room has the number of the house.
            Scope::Server => Number(Id::HOUSE),
            Scope::Room(room) => Number(room),
        };
        let (kind, holder) = match grant.holder {
            Holder::User(user) => (0, Number(user)),
            Holder::Role(role) => (1, Number(role)),
        };
        if grant.rights.is_empty() {
            let sql = "DELETE FROM grants WHERE scope = ? AND kind = ? AND holder = ?";
            return self.execute(sql, params![scope, kind, holder]);
        }
        let sql = "INSERT OR REPLACE INTO grants (scope, kind, holder, rights) VALUES (?, ?, ?, ?)";
        self.execute(sql, params![scope, kind, holder, grant.rights.text()?])
    }
}
