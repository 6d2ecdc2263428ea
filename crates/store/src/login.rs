//! Login keys: how usernames and e-mails are unique together.
//!
//! A username claims `=<name>`, compared exactly; an e-mail claims `@<address>` in lower case. A username with an `@` in it
//! claims both, so that nobody can call itself by another's e-mail, in any case. An agent key claims `#<hex>`; nobody logs in by that.
//!
//! A user of another house claims `~<name>@<host>` and `!<address>`: it stands in the way of no e-mail, and nobody logs in as it. New usernames
//! here have no `@`, so that nobody is taken for one.

use std::fmt::Write as _;

use quintet_core::AgentKey;

/// The key of a username.
pub(crate) fn name_key(username: &str) -> String {
    format!("={username}")
}

/// The key of an e-mail.
pub(crate) fn mail_key(email: &str) -> String {
    format!("@{}", email.to_lowercase())
}

/// The key of an agent: its public key in capital hexadecimal digits, as SQL's `hex` prints them.
pub(crate) fn agent_key(agent: &AgentKey) -> String {
    agent.0.iter().fold("#".to_owned(), |mut key, byte| {
        write!(key, "{byte:02X}").expect("a string takes all that is written");
        key
    })
}

/// The key of a user of another house, by its name here.
pub(crate) fn remote_key(username: &str) -> String {
    format!("~{username}")
}

/// The key of a user of another house, by the key of its address.
pub(crate) fn address_key(address: &str) -> String {
    format!("!{address}")
}

/// A name as it may stand before an `@`: what is no letter, digit or mark of names becomes `_`, and what is longer than `bytes` is cut.
pub(crate) fn plain_name(name: &str, bytes: usize) -> String {
    let plain: String = name
        .chars()
        .map(|char| if char.is_alphanumeric() || matches!(char, '.' | '-' | '_') { char } else { '_' })
        .collect();
    let end = plain.floor_char_boundary(bytes);
    if end == 0 { "user".to_owned() } else { plain[..end].to_owned() }
}

/// Every key that an account's names claim, each once.
pub(crate) fn claims(username: &str, email: Option<&str>) -> Vec<String> {
    let mut keys = vec![name_key(username)];
    keys.extend(username.contains('@').then(|| mail_key(username)));
    keys.extend(email.map(mail_key));
    keys.dedup();
    keys
}

/// Whether `login`, found by its e-mail key, is the e-mail itself: a username with an `@` claims that key too.
pub(crate) fn is_email(login: &str, email: Option<&str>) -> bool {
    email.is_some_and(|email| mail_key(email) == mail_key(login))
}

/// The keys that must be free before a name or an e-mail can be given away.
pub(crate) fn contested(login: &str) -> [String; 2] {
    [name_key(login), mail_key(login)]
}

/// The username that an e-mail asks for: its local part.
pub(crate) fn local_part(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, _)) if !local.is_empty() => without_at(local),
        _ => "user".to_owned(),
    }
}

/// A username that is not taken for one of another house.
pub(crate) fn without_at(name: &str) -> String {
    name.replace('@', "_")
}

/// The first free one of `base`, `base2`, `base3` …, found in a logarithmic number of questions.
///
/// Where earlier numbers have gaps it may be a later free one.
pub(crate) fn free_name<E>(base: &str, mut is_free: impl FnMut(&str) -> Result<bool, E>) -> Result<String, E> {
    if is_free(base)? {
        return Ok(base.to_owned());
    }
    let numbered = |number: u64| format!("{base}{number}");
    let (mut taken, mut free) = (1, 2);
    while !is_free(&numbered(free))? {
        (taken, free) = (free, free * 2);
    }
    while free - taken > 1 {
        let middle = taken.midpoint(free);
        if is_free(&numbered(middle))? {
            free = middle;
        } else {
            taken = middle;
        }
    }
    Ok(numbered(free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_an_email_claims_it() {
        assert_eq!(claims("Ann", None), ["=Ann"]);
        assert_eq!(claims("Ann@X.org", None), ["=Ann@X.org", "@ann@x.org"]);
        assert_eq!(claims("ann", Some("Ann@X.org")), ["=ann", "@ann@x.org"]);
        assert_eq!(claims("ann@x.org", Some("ann@x.org")), ["=ann@x.org", "@ann@x.org"]);
    }

    #[test]
    fn only_an_own_email_logs_in_by_email() {
        assert!(is_email("ANN@x.org", Some("ann@X.org")));
        assert!(!is_email("ANN@x.org", None));
    }

    #[test]
    fn names_of_others_are_made_plain() {
        let table =
            [("Ann.b-c_d", "Ann.b-c_d"), ("a b@c\n", "a_b_c_"), ("", "user"), ("bücher", "büc"), ("käse", "käs")];
        for (name, plain) in table {
            assert_eq!(plain_name(name, if name.is_ascii() { 99 } else { 4 }), plain, "{name:?}");
        }
    }

    #[test]
    fn names_come_from_the_local_part() {
        for (email, name) in [("ann@x.org", "ann"), ("a@b@x.org", "a_b"), ("@x.org", "user"), ("ann", "user")] {
            assert_eq!(local_part(email), name, "{email}");
        }
    }

    #[test]
    fn numbers_follow_without_asking_for_each() {
        for count in [0_u64, 1, 2, 3, 4, 7, 8, 1000] {
            let mut questions = 0;
            let name = free_name("ann", |name| {
                questions += 1;
                let number = name.strip_prefix("ann").unwrap();
                Ok::<_, ()>(number.parse().unwrap_or(1_u64) > count)
            });
            let expected = if count == 0 { "ann".to_owned() } else { format!("ann{}", count + 1) };
            assert_eq!(name, Ok(expected));
            assert!(questions < 25, "{questions} questions for {count}");
        }
    }
}
