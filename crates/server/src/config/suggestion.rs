//! What somebody may have meant by a key that does not exist.

use super::procedure::LISTED;
use super::section::Section;

/// ` — did you mean "…"?`, or nothing where no key comes near.
pub(super) fn did_you_mean(wrong: &str, names: impl IntoIterator<Item = String>) -> String {
    let near = names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, &name), name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance);
    near.map_or_else(String::new, |(_, name)| format!("; did you mean \"{name}\"?"))
}

/// A complaint about a key of a table, with a suggestion from this table, else from another one.
pub(super) fn unknown_key<T>(section: &Section<T>, name: &str, sections: &[Section]) -> String {
    let here = section.keys.iter().map(|key| key.name.to_owned());
    let tables = sections.iter().filter(|_| section.name.is_empty()).map(|section| section.name.to_owned());
    let listed = section.name.is_empty().then(|| LISTED.to_owned());
    let mut hint = did_you_mean(name, here.chain(tables).chain(listed));
    if hint.is_empty() {
        let all = sections.iter().flat_map(|section| section.keys.iter().map(move |key| (section, key)));
        let elsewhere = all.into_iter().find(|(_, key)| key.name == name).map(|(section, key)| section.path(key));
        hint = elsewhere.map_or_else(String::new, |path| format!("; did you mean \"{path}\"?"));
    }
    let place = match section.name {
        "" => String::new(),
        LISTED => format!(" in [[{LISTED}]]"),
        table => format!(" in [{table}]"),
    };
    format!("unknown key \"{name}\"{place}{hint}")
}
