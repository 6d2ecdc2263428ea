//! The configuration file.

use quintet_core::procedure::check_name;
use quintet_hub::procedures::Names;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::procedure::LISTED;
use super::section::Section;
use super::setting::Value;
use super::suggestion::unknown_key;
use super::{Config, Procedure};

/// A file being read.
pub(super) struct File<'a> {
    /// Its name, for complaints.
    pub(super) name: &'a str,
    /// Its content.
    pub(super) text: &'a str,
    /// What may stand in it.
    pub(super) sections: &'a [Section],
}

impl File<'_> {
    /// Puts what stands in the file over the configuration; what is wrong is added to the problems.
    pub(super) fn apply(&self, config: &mut Config, problems: &mut Vec<Problem>) {
        match DeTable::parse(self.text) {
            Ok(root) => {
                let mut found = Vec::new();
                self.table("", root.get_ref(), config, &mut found);
                // The parser gives a table's keys in alphabetical order.
                found.sort_by_key(|(offset, _)| *offset);
                problems.extend(found.into_iter().map(|(offset, message)| self.problem(offset, message)));
            }
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                problems.push(self.problem(start, error.message().to_owned()));
            }
        }
    }

    fn table(&self, name: &str, table: &DeTable<'_>, config: &mut Config, problems: &mut Vec<(usize, String)>) {
        let Some(section) = self.sections.iter().find(|section| section.name == name) else { return };
        for (key, value) in table {
            let (name, start) = (key.get_ref().as_ref(), key.span().start);
            if Self::set(section, name, value, config, problems) {
                continue;
            }
            match section.name.is_empty() {
                true if name == LISTED => self.procedures(start, value.get_ref(), config, problems),
                true if self.is_table(name) => match value.get_ref().as_table() {
                    Some(inner) => self.table(name, inner, config, problems),
                    None => problems.push((start, format!("{name}: expected a table, [{name}]"))),
                },
                _ => problems.push((start, unknown_key(section, name, self.sections))),
            }
        }
    }

    /// Sets a key of a section; says whether there is such a key.
    fn set<T>(
        section: &Section<T>,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        target: &mut T,
        problems: &mut Vec<(usize, String)>,
    ) -> bool {
        let Some(known) = section.keys.iter().find(|known| known.name == name) else { return false };
        if let Err(wrong) = (known.set)(target, &found(value.get_ref())) {
            problems.push((value.span().start, format!("{}: {wrong}", section.path(known))));
        }
        true
    }

    /// Reads the list of `[[procedure]]`.
    fn procedures(&self, start: usize, value: &DeValue<'_>, config: &mut Config, problems: &mut Vec<(usize, String)>) {
        let tables: Option<Vec<_>> = value
            .as_array()
            .and_then(|items| items.iter().map(|item| Some((item.span().start, item.get_ref().as_table()?))).collect());
        let Some(tables) = tables else {
            return problems.push((start, format!("{LISTED}: expected tables, each [[{LISTED}]]")));
        };
        let mut names = Names::new();
        for (start, table) in tables {
            let procedure = self.procedure(start, table, problems);
            if let Some(problem) = taken(&procedure.name, &config.procedures, &mut names) {
                let start = table.get("name").map_or(start, |name| name.span().start);
                problems.push((start, problem));
            }
            config.procedures.push(procedure);
        }
    }

    fn procedure(&self, start: usize, table: &DeTable<'_>, problems: &mut Vec<(usize, String)>) -> Procedure {
        let section = Procedure::table();
        let mut procedure = Procedure::default();
        let before = problems.len();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if !Self::set(&section, name, value, &mut procedure, problems) {
                problems.push((key.span().start, unknown_key(&section, name, self.sections)));
            }
        }
        // A key that could not be read would be told again as a missing one.
        if problems.len() == before {
            problems.extend(procedure.problems().into_iter().map(|problem| (start, problem)));
        }
        procedure
    }

    fn is_table(&self, name: &str) -> bool {
        self.sections.iter().any(|section| section.name == name)
    }

    fn problem(&self, offset: usize, message: String) -> Problem {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Problem { place: format!("{}:{line}:{column}", self.name), message }
    }
}

/// What is wrong with a procedure's name for whose it is already.
fn taken(name: &str, above: &[Procedure], names: &mut Names) -> Option<String> {
    // What is no name is told as such.
    check_name(name, true).ok()?;
    if above.iter().any(|other| other.name == name) {
        return Some(format!("procedure.name: there is another {name:?} above"));
    }
    names.take(name).err().map(|error| format!("procedure.name: {}", error.public()))
}

/// A TOML value, in the terms of settings.
fn found(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(switch) => Value::Switch(*switch),
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a negative or huge number"), Value::Number),
        DeValue::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| Some(item.get_ref().as_str()?.to_owned())).collect();
            texts.map_or(Value::Other("a list of something else"), Value::List)
        }
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Table(_) => Value::Other("a table"),
    }
}
