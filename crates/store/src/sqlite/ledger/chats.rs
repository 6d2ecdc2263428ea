//! The ledger's chats, reactions and threads.

use quintet_core::chat::{Chat, Reactions};
use quintet_core::id::Id;
use quintet_core::room::Thread;
use rusqlite::{OptionalExtension, params};

use super::super::rows;
use super::Ledger;
use crate::record::Number;
use crate::search::Terms;
use crate::tables::{Chats, Kept};

impl Chats for Ledger {
    fn chat(&self, id: Id) -> Kept<Option<Chat>> {
        rows::chat(&self.connection, id)
    }

    fn has_chat_at(&self, subject: &str) -> Kept<bool> {
        rows::exists(&self.connection, "SELECT 1 FROM chat_subjects WHERE subject = ?", [subject])
    }

    fn add_chat(&mut self, chat: &Chat, terms: &Terms) -> Kept<()> {
        rows::put(&self.connection, chat)?;
        if let Some(subject) = &chat.subject {
            let sql = "INSERT INTO chat_subjects (subject, chat) VALUES (?, ?)";
            self.execute(sql, params![subject.as_str(), Number(chat.id)])?;
        }
        self.indexed += 1;
        self.execute("INSERT INTO stems (rowid, terms) VALUES (?, ?)", params![Number(chat.id), terms.as_str()])
    }

    fn put_chat(&mut self, chat: &Chat, terms: &Terms) -> Kept<()> {
        self.indexed += 1;
        // Reactions stand in their own table.
        rows::put(&self.connection, &Chat { reactions: Vec::new(), ..chat.clone() })?;
        self.execute("UPDATE stems SET terms = ? WHERE rowid = ?", params![terms.as_str(), Number(chat.id)])
    }

    fn remove_chat(&mut self, id: Id) -> Kept<()> {
        for sql in [
            "DELETE FROM reactors WHERE chat = ?",
            "DELETE FROM reactions WHERE chat = ?",
            "DELETE FROM stems WHERE rowid = ?",
            "DELETE FROM chat_subjects WHERE chat = ?",
            "DELETE FROM resources WHERE id = ?",
        ] {
            self.execute(sql, [Number(id)])?;
        }
        Ok(())
    }

    fn reactions(&self, chat: Id) -> Kept<Reactions> {
        rows::reactions(&self.connection, chat)
    }

    fn react(&mut self, chat: Id, reaction: &str, user: Id, adding: bool) -> Kept<()> {
        match self.place_of(chat, reaction)? {
            Some(place) if adding => self.join(chat, place, user),
            Some(place) => self.leave(chat, place, user),
            None if adding => {
                let place = self.next_place(chat)?;
                let sql = "INSERT INTO reactions (chat, place, reaction, users) VALUES (?, ?, ?, 0)";
                self.execute(sql, params![Number(chat), place, reaction])?;
                self.join(chat, place, user)
            }
            None => Ok(()),
        }
    }

    fn thread(&self, id: Id) -> Kept<Option<Thread>> {
        rows::get(&self.connection, id)
    }

    fn has_thread(&self, source: Id) -> Kept<bool> {
        let sql = "SELECT 1 FROM resources WHERE class = 3 AND body ->> '$.source' = ?";
        rows::exists(&self.connection, sql, [Number(source)])
    }

    fn add_thread(&mut self, thread: &Thread) -> Kept<()> {
        rows::put(&self.connection, thread)
    }
}

impl Ledger {
    fn place_of(&self, chat: Id, reaction: &str) -> Kept<Option<i64>> {
        let sql = "SELECT place FROM reactions WHERE chat = ? AND reaction = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![Number(chat), reaction], |row| row.get(0)).optional()?)
    }

    fn next_place(&self, chat: Id) -> Kept<i64> {
        let sql = "SELECT coalesce(max(place), 0) + 1 FROM reactions WHERE chat = ?";
        Ok(self.connection.prepare_cached(sql)?.query_row([Number(chat)], |row| row.get(0))?)
    }

    fn join(&self, chat: Id, place: i64, user: Id) -> Kept<()> {
        let sql = "INSERT OR IGNORE INTO reactors (chat, place, user) VALUES (?, ?, ?)";
        if self.connection.prepare_cached(sql)?.execute(params![Number(chat), place, Number(user)])? == 1 {
            self.execute(
                "UPDATE reactions SET users = users + 1 WHERE chat = ? AND place = ?",
                params![Number(chat), place],
            )?;
        }
        Ok(())
    }

    fn leave(&self, chat: Id, place: i64, user: Id) -> Kept<()> {
        let sql = "DELETE FROM reactors WHERE chat = ? AND place = ? AND user = ?";
        if self.connection.prepare_cached(sql)?.execute(params![Number(chat), place, Number(user)])? == 1 {
            let found = params![Number(chat), place];
            self.execute("UPDATE reactions SET users = users - 1 WHERE chat = ? AND place = ?", found)?;
            self.execute("DELETE FROM reactions WHERE chat = ? AND place = ? AND users = 0", found)?;
        }
        Ok(())
    }
}
