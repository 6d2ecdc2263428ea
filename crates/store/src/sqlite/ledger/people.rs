//! The ledger's server record, accounts and images.

use quintet_core::id::Id;
use quintet_core::identity::Secret;
use quintet_core::image::Image;
use quintet_core::room::ServerRecord;
use quintet_core::user::{Account, AgentSecret};
use rusqlite::params;

use super::super::rows;
use super::Ledger;
use crate::record::Number;
use crate::tables::{Kept, People};

impl People for Ledger {
    fn server(&self) -> Kept<Option<ServerRecord>> {
        rows::get(&self.connection, Id::HOUSE)
    }

    fn put_server(&mut self, server: &ServerRecord) -> Kept<()> {
        rows::put(&self.connection, server)
    }

    fn account(&self, user: Id) -> Kept<Option<Account>> {
        rows::account(&self.connection, user)
    }

    fn claimant(&self, key: &str) -> Kept<Option<Id>> {
        rows::login(&self.connection, key)
    }

    fn add_account(&mut self, account: &Account, secret: Option<&AgentSecret>, keys: &[String]) -> Kept<()> {
        rows::put(&self.connection, &account.user)?;
        let user = Number(account.user.id);
        self.execute(
            "INSERT INTO accounts (user, email, password, agent, agent_secret, token_generation) VALUES (?, ?, ?, ?, ?, ?)",
            params![
                user,
                account.email,
                account.password.as_ref().map(Secret::expose),
                account.user.agent.0,
                secret.map_or(&[][..], |secret| &secret.0),
                account.token_generation,
            ],
        )?;
        keys.iter()
            .try_for_each(|key| self.execute("INSERT INTO logins (login, user) VALUES (?, ?)", params![key, user]))
    }

    fn put_account(&mut self, account: &Account) -> Kept<()> {
        rows::put(&self.connection, &account.user)?;
        self.execute(
            "UPDATE accounts SET password = ?, token_generation = ? WHERE user = ?",
            params![account.password.as_ref().map(Secret::expose), account.token_generation, Number(account.user.id)],
        )
    }

    fn add_image(&mut self, id: Id, image: &Image) -> Kept<()> {
        self.execute(
            "INSERT INTO images (id, type, bytes) VALUES (?, ?, ?)",
            params![Number(id), image.kind.media_type(), image.bytes.as_ref()],
        )
    }

    fn remove_image(&mut self, id: Id) -> Kept<()> {
        self.execute("DELETE FROM images WHERE id = ?", [Number(id)])
    }
}
