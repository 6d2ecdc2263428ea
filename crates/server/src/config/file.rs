//! The configuration file.

use toml::de::{DeTable, DeValue};

use super::Config;
use super::error::Problem;
use super::section::Section;
use super::setting::Value;
use super::suggestion::unknown_key;

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
            if let Some(known) = section.keys.iter().find(|known| known.name == key.get_ref().as_ref()) {
                if let Err(wrong) = (known.set)(config, &found(value.get_ref())) {
                    problems.push((value.span().start, format!("{}: {wrong}", section.path(known))));
                }
            } else if section.name.is_empty() && self.is_table(key.get_ref()) {
                match value.get_ref().as_table() {
                    Some(inner) => self.table(key.get_ref(), inner, config, problems),
                    None => problems.push((key.span().start, format!("{0}: expected a table, [{0}]", key.get_ref()))),
                }
            } else {
                let message = unknown_key(section, key.get_ref(), self.sections);
                problems.push((key.span().start, message));
            }
        }
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
