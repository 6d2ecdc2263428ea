//! E-mail addresses: is this one, by its syntax?
//!
//! The reasons are those that clients of the original know. Whether anybody reads mail there is not asked.

use std::borrow::Cow;

/// Why a text is no address.
type Reason = Cow<'static, str>;

/// The address with its domain in lower case, without spaces around it.
pub(super) fn normal(text: &str) -> Result<String, Reason> {
    let text = text.trim();
    let (local, domain) = text.split_once('@').ok_or("An email address must have an @-sign.")?;
    if text.len() > MOST {
        return Err("The email address is too long.".into());
    }
    check_local(local)?;
    let domain = domain.to_lowercase();
    check_domain(&domain)?;
    Ok(format!("{local}@{domain}"))
}

/// The longest address that SMTP can carry, in bytes (RFC 5321 section 4.5.3.1.3).
const MOST: usize = 254;
/// The longest part of a domain between two periods (RFC 1035 section 2.3.4).
const MOST_LABEL: usize = 63;

fn check_local(local: &str) -> Result<(), Reason> {
    if local.is_empty() {
        return Err("There must be something before the @-sign.".into());
    }
    if let Some(bad) = local.chars().find(|sign| !is_local(*sign)) {
        return Err(format!("The email address contains invalid characters before the @-sign: {}.", named(bad)).into());
    }
    if local.starts_with('.') {
        return Err("An email address cannot start with a period.".into());
    }
    if local.ends_with('.') {
        return Err("An email address cannot have a period immediately before the @-sign.".into());
    }
    no_double_period(local)
}

fn check_domain(domain: &str) -> Result<(), Reason> {
    if domain.is_empty() {
        return Err("There must be something after the @-sign.".into());
    }
    if let Some(bad) = domain.chars().find(|sign| !is_domain(*sign)) {
        return Err(format!("The part after the @-sign contains invalid characters: {}.", named(bad)).into());
    }
    no_double_period(domain)?;
    check_edges(domain)?;
    if domain.split('.').any(|label| label.len() > MOST_LABEL) {
        return Err("After the @-sign, periods cannot be separated by so many characters.".into());
    }
    match domain.rsplit_once('.') {
        None => Err("The part after the @-sign is not valid. It should have a period.".into()),
        Some((_, top)) if !top.ends_with(char::is_alphabetic) => {
            Err("The part after the @-sign is not valid. It is not within a valid top-level domain.".into())
        }
        Some(_) => Ok(()),
    }
}

fn check_edges(domain: &str) -> Result<(), Reason> {
    for (sign, name) in [('.', "period"), ('-', "hyphen")] {
        if domain.starts_with(sign) {
            return Err(format!("An email address cannot have a {name} immediately after the @-sign.").into());
        }
        if domain.ends_with(sign) {
            return Err(format!("An email address cannot end with a {name}.").into());
        }
    }
    if domain.contains(".-") || domain.contains("-.") {
        return Err("An email address cannot have a period and a hyphen next to each other.".into());
    }
    Ok(())
}

fn no_double_period(part: &str) -> Result<(), Reason> {
    if part.contains("..") {
        return Err("An email address cannot have two periods in a row.".into());
    }
    Ok(())
}

/// What may stand before the `@` (RFC 5322 section 3.2.3, with RFC 6532's other scripts).
fn is_local(sign: char) -> bool {
    match sign {
        '.' => true,
        ascii if ascii.is_ascii() => ascii.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(ascii),
        other => !other.is_whitespace() && !other.is_control(),
    }
}

/// What may stand in a host name, of any script.
fn is_domain(sign: char) -> bool {
    sign == '.' || sign == '-' || sign.is_alphanumeric()
}

/// A sign as it can be shown in a sentence.
fn named(sign: char) -> String {
    match sign {
        ' ' => "SPACE".into(),
        sign if sign.is_control() || sign.is_whitespace() => format!("U+{:04X}", u32::from(sign)),
        sign => format!("'{sign}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_take_their_normal_form() {
        for (text, wanted) in [
            ("a@b.org", "a@b.org"),
            (" A.b+c@B.ORG ", "A.b+c@b.org"),
            ("é@é.org", "é@é.org"),
            ("a@x.test", "a@x.test"),
            ("a@xn--9ca.org", "a@xn--9ca.org"),
        ] {
            assert_eq!(normal(text).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn other_texts_are_told_why() {
        let long = format!("a@{}org", "b.".repeat(127));
        let label = format!("a@{}.org", "b".repeat(64));
        for (text, reason) in [
            ("", "An email address must have an @-sign."),
            ("x", "An email address must have an @-sign."),
            ("@x.org", "There must be something before the @-sign."),
            ("a@", "There must be something after the @-sign."),
            ("a@b", "The part after the @-sign is not valid. It should have a period."),
            ("a b@c.org", "The email address contains invalid characters before the @-sign: SPACE."),
            ("a\u{1}@b.org", "The email address contains invalid characters before the @-sign: U+0001."),
            ("\"a\"@b.org", "The email address contains invalid characters before the @-sign: '\"'."),
            ("a@b..org", "An email address cannot have two periods in a row."),
            ("a..b@b.org", "An email address cannot have two periods in a row."),
            (".a@b.org", "An email address cannot start with a period."),
            ("a.@b.org", "An email address cannot have a period immediately before the @-sign."),
            ("a@b_c.org", "The part after the @-sign contains invalid characters: '_'."),
            ("a@b@c.org", "The part after the @-sign contains invalid characters: '@'."),
            ("a@-b.org", "An email address cannot have a hyphen immediately after the @-sign."),
            ("a@.b.org", "An email address cannot have a period immediately after the @-sign."),
            ("a@b.org.", "An email address cannot end with a period."),
            ("a@b-.org", "An email address cannot have a period and a hyphen next to each other."),
            ("a@b.1", "The part after the @-sign is not valid. It is not within a valid top-level domain."),
            (&label, "After the @-sign, periods cannot be separated by so many characters."),
            (&long, "The email address is too long."),
        ] {
            assert_eq!(normal(text), Err(reason.into()), "{text:?}");
        }
    }
}
