//! The ledger's documents.

use quintet_core::id::Id;
use rusqlite::params;

use super::Ledger;
use crate::record::Number;
use crate::sheet::{Node, Sheet};
use crate::tables::{Documents, Draught, Kept, Library};

impl Library for Ledger {
    fn number(&self, subject: &str) -> Kept<Option<Id>> {
        self.connection.number(subject)
    }

    fn node(&self, id: Id) -> Kept<Option<Node>> {
        self.connection.node(id)
    }

    fn sheet(&self, id: Id) -> Kept<Option<Sheet>> {
        self.connection.sheet(id)
    }

    fn find(&self, subject: &str) -> Kept<Option<Sheet>> {
        self.connection.find(subject)
    }

    fn find_small(&self, subject: &str, bytes: usize) -> Kept<Option<Sheet>> {
        self.connection.find_small(subject, bytes)
    }
}

impl Documents for Ledger {
    fn put_document(&mut self, draught: &Draught) -> Kept<()> {
        let Sheet { id, above, document } = &*draught.sheet;
        let heading = &draught.heading;
        let (id, above) = (Number(*id), above.map(Number));
        if draught.created {
            let sql = "INSERT INTO documents (id, subject, above, heading, body) VALUES (?, ?, ?, ?, ?)";
            self.execute(sql, params![id, document.subject.as_str(), above, heading, draught.text])?;
        } else {
            let sql = "UPDATE documents SET above = ?, heading = ?, body = ? WHERE id = ?";
            self.execute(sql, params![above, heading, draught.text, id])?;
        }
        self.index_words(draught)?;
        self.remove_atoms(id.0, &draught.gone)?;
        let mut insert = self.connection.prepare_cached("INSERT INTO atoms (atom, document) VALUES (?, ?)")?;
        for atom in &draught.come {
            insert.execute(params![atom, id])?;
        }
        Ok(())
    }

    fn remove_document(&mut self, id: Id, atoms: &[i64]) -> Kept<()> {
        self.remove_atoms(id, atoms)?;
        self.execute("DELETE FROM stems WHERE rowid = ?", [Number(id)])?;
        self.execute("DELETE FROM documents WHERE id = ?", [Number(id)])
    }
}

impl Ledger {
    fn index_words(&mut self, draught: &Draught) -> Kept<()> {
        let Some(terms) = &draught.terms else { return Ok(()) };
        self.indexed += 1;
        let id = Number(draught.sheet.id);
        if draught.created {
            self.execute("INSERT INTO stems (rowid, terms) VALUES (?, ?)", params![id, terms.as_str()])
        } else {
            self.execute("UPDATE stems SET terms = ? WHERE rowid = ?", params![terms.as_str(), id])
        }
    }

    fn remove_atoms(&self, id: Id, atoms: &[i64]) -> Kept<()> {
        let mut delete = self.connection.prepare_cached("DELETE FROM atoms WHERE atom = ? AND document = ?")?;
        for atom in atoms {
            delete.execute(params![atom, Number(id)])?;
        }
        Ok(())
    }
}
