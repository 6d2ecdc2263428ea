//! Mentions: who is named in a note, as in `@bob@b.example`.

use std::collections::HashSet;

use quintet_core::federation::{Audience, Own, Target};
use quintet_core::{Error, User};

use super::Asker;

impl Asker<'_> {
    /// Those named in the content, behind those named apart. A name that leads to nobody stays text,
    /// but in a note that is for the mentioned only: there it would be somebody who never sees it.
    pub(super) async fn mentions(
        &self,
        content: &str,
        apart: Vec<Target>,
        audience: &Audience,
    ) -> Result<Vec<Target>, Error> {
        let mut mentions = apart;
        for name in named(content) {
            match self.somebody(name).await {
                Ok(user) => mentions.push(target(&user)),
                Err(error) if *audience == Audience::Mentioned => return Err(error),
                Err(error) => tracing::debug!(name, %error, "a mention leads to nobody"),
            }
            self.check_mentions(&mentions)?;
        }
        let mut seen = HashSet::new();
        mentions.retain(|mention| seen.insert(mention.clone()));
        self.check_mentions(&mentions)?;
        Ok(mentions)
    }

    fn check_mentions(&self, mentions: &[Target]) -> Result<(), Error> {
        let most = self.hub.limits.note_mentions;
        if mentions.len() as u64 > most {
            return Err(Error::bad_message(format!("a note mentions {most} at most")));
        }
        Ok(())
    }
}

/// A user as others name it.
pub(super) fn target(user: &User) -> Target {
    match &user.remote {
        Some(remote) => Target::Remote(remote.address.clone()),
        None => Target::Own(Own::User(user.id)),
    }
}

/// The names with a house in a text, each once, in their order; without the `@` in front.
fn named(content: &str) -> Vec<&str> {
    let mut seen = HashSet::new();
    content
        .split(|letter: char| letter.is_whitespace() || ",;()<>\"'".contains(letter))
        .filter_map(name)
        .filter(|name| seen.insert(*name))
        .collect()
}

/// The name that a word is. What ends a sentence is not a part of it.
fn name(word: &str) -> Option<&str> {
    let word = word.strip_prefix('@')?.trim_end_matches(['.', '!', '?', ':', '…']);
    let (name, host) = word.split_once('@')?;
    (!name.is_empty() && !host.is_empty() && !host.contains('@')).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_among_words() {
        let table: [(&str, &[&str]); 6] = [
            ("hello @bob@b.example, and @ann@[::1]:8080!", &["bob@b.example", "ann@[::1]:8080"]),
            ("(@bob@b.example) @bob@b.example: @Bob@b.example.", &["bob@b.example", "Bob@b.example"]),
            ("mail bob@b.example or @bob", &[]),
            ("@@b.example @bob@ @a@b@c @", &[]),
            ("@127@127.0.0.1:8080", &["127@127.0.0.1:8080"]),
            ("", &[]),
        ];
        for (content, expected) in table {
            assert_eq!(named(content), expected, "{content}");
        }
    }
}
