//! Objects: keys keep their order, and the last of equal ones wins.

use std::collections::{HashMap, HashSet};

use super::compact::Compactor;
use super::malformed::Malformed;

/// A member of an object, by its place in the compact text: the key with its quotes, a colon, the value.
#[derive(Clone, Copy)]
pub(super) struct Member {
    key: usize,
    value: usize,
    end: usize,
}

/// Up to here, comparing each key with each is cheaper than hashing.
const FEW: usize = 8;

impl Compactor<'_> {
    /// From `{` to `}`.
    pub(super) fn object(&mut self) -> Result<(), Malformed> {
        let first = self.members.len();
        self.open('{');
        let inside = self.out.len();
        if self.peek() != Some(b'}') {
            self.all_members()?;
        }
        self.keep_last(first, inside);
        self.members.truncate(first);
        self.close('}');
        Ok(())
    }

    fn all_members(&mut self) -> Result<(), Malformed> {
        loop {
            self.member()?;
            if self.ends(b'}')? {
                return Ok(());
            }
        }
    }

    fn member(&mut self) -> Result<(), Malformed> {
        if self.peek() != Some(b'"') {
            return Err(self.malformed("Expecting property name enclosed in double quotes"));
        }
        let key = self.out.len();
        self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.malformed("Expecting ':' delimiter"));
        }
        self.open(':');
        let value = self.out.len();
        self.value()?;
        self.members.push(Member { key, value, end: self.out.len() });
        Ok(())
    }

    /// Writes the object again where keys repeat: in the place of the first, with the value of the last, as Python does.
    fn keep_last(&mut self, first: usize, inside: usize) {
        let members = &self.members[first..];
        if are_unique(&self.out, members) {
            return;
        }
        let mut places = HashMap::new();
        let mut kept: Vec<Member> = Vec::new();
        for member in members {
            let place = *places.entry(key_of(&self.out, *member)).or_insert(kept.len());
            match kept.get_mut(place) {
                Some(earlier) => *earlier = *member,
                None => kept.push(*member),
            }
        }
        let texts: Vec<&str> = kept.iter().map(|member| &self.out[member.key..member.end]).collect();
        let rewritten = texts.join(",");
        self.out.truncate(inside);
        self.out.push_str(&rewritten);
    }
}

fn key_of(out: &str, member: Member) -> &str {
    &out[member.key..member.value]
}

fn are_unique(out: &str, members: &[Member]) -> bool {
    if members.len() > FEW {
        let mut seen = HashSet::with_capacity(members.len());
        return members.iter().all(|member| seen.insert(key_of(out, *member)));
    }
    members
        .iter()
        .enumerate()
        .all(|(index, member)| members[..index].iter().all(|earlier| key_of(out, *earlier) != key_of(out, *member)))
}
