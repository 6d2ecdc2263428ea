//! Naming: users, notes, groups and reactions, here and elsewhere, in both forms (versia.md, sections 1.5, 3.1 and 3.3). The only translator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quintet_core::federation::host::Reach;
use quintet_core::federation::{Address, Form, Host, Own, Target};
use quintet_core::limits::ADDRESS_BYTES;
use quintet_core::{Error, Id};

use crate::entity::kind;
use crate::house::House;

/// The longest id (versia.md, section 3.1).
const ID_CHARS: usize = 512;

/// What an entity of `sender` means by a text: an absolute URI, or a reference to something of this type. What is on our host is our own, if only [`Own::Unknown`].
/// `BadMessage` for what is spelled in no such way.
pub(crate) fn read(house: &House, form: Form, sender: &Host, kind: &str, text: &str) -> Result<Target, Error> {
    match form {
        Form::Uri => uri(house, text).ok_or_else(|| Error::bad_message("must be an absolute https URI")),
        Form::Reference => reference(house, Some(sender), kind::canonical(kind), text)
            .ok_or_else(|| Error::bad_message("must be an id, or a domain, a colon and an id")),
    }
}

/// How something is named in an entity for others. What has no name in this form is given a URL, to be shown at least; see [`spelled`].
pub(crate) fn spell(house: &House, form: Form, target: &Target) -> String {
    spelled(house, form, target).unwrap_or_else(|| match target {
        Target::Own(_) => base(house).to_owned(),
        Target::Remote(address) => url(address),
    })
}

/// How something is named in an entity for others; `None` for what has no name in this form: what another house names in the other one.
pub(crate) fn spelled(house: &House, form: Form, target: &Target) -> Option<String> {
    match (target, form) {
        (Target::Own(own), Form::Uri) => Some(format!("{}{}", base(house), path(own)?)),
        (Target::Own(own), Form::Reference) => Some(format!("{}:{}", house.host.as_ref()?, id(own)?)),
        (Target::Remote(address), _) if address.form != form => None,
        (Target::Remote(address), Form::Uri) => Some(address.key.to_string()),
        (Target::Remote(address), Form::Reference) => Some(bare(address).to_owned()),
    }
}

/// What a person means by a text: a URL, a reference to a user, or the key of an address.
pub(crate) fn typed(house: &House, text: &str) -> Result<Target, Error> {
    let text = text.trim();
    let target = if text.contains("://") {
        uri(house, text)
    } else {
        let (kind, text) = text.split_once(' ').unwrap_or((kind::USER, text));
        if kind::is_kind(kind) { reference(house, None, kind::canonical(kind), text) } else { None }
    };
    target.ok_or_else(|| {
        Error::bad_message("must be a URL, as in https://b.example/users/1, or a reference, as in b.example:1")
    })
}

/// How something is named for people, so that [`typed`] reads it back.
pub(crate) fn spell_for_people(house: &House, target: &Target) -> String {
    match target {
        Target::Remote(address) if address.form == Form::Reference => {
            address.key.strip_prefix("User ").unwrap_or(&address.key).to_owned()
        }
        _ => spell(house, Form::Uri, target),
    }
}

/// What of this house stands at a path of 0.5; `None` where nothing of the room stands there.
pub(crate) fn own_at(path: &str) -> Option<Own> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let own = match (parts.next()?, parts.next()?) {
        ("users", user) => Own::User(number(user)?),
        ("notes", note) => Own::Note(number(note)?),
        ("groups", room) => Own::Room(number(room)?),
        ("reactions", user) => reaction(user, parts.next()?, parts.next()?)?,
        _ => return None,
    };
    parts.next().is_none().then_some(own)
}

/// What of this house has an id of 0.6, by its type; `None` for what is no such id.
pub(crate) fn own_of(kind: &str, text: &str) -> Option<Own> {
    match kind::canonical(kind) {
        kind::USER => number(text).map(Own::User),
        kind::NOTE => number(text).map(Own::Note),
        kind::GROUP => number(text).map(Own::Room),
        kind @ (kind::LIKE | kind::DISLIKE | kind::REACTION) => {
            let mut parts = text.splitn(3, '-');
            reaction(parts.next()?, parts.next()?, parts.next()?).filter(|own| kind::of(own) == Some(kind))
        }
        _ => None,
    }
}

/// The path of something of ours in 0.5; `None` for what has none.
pub(crate) fn path(own: &Own) -> Option<String> {
    match own {
        Own::User(id) => Some(format!("/users/{id}")),
        Own::Note(id) => Some(format!("/notes/{id}")),
        Own::Room(id) => Some(format!("/groups/{id}")),
        Own::Reaction { user, to, reaction } => {
            Some(format!("/reactions/{user}/{to}/{}", URL_SAFE_NO_PAD.encode(&**reaction)))
        }
        Own::House | Own::Unknown => None,
    }
}

/// The id of something of ours, in both forms; `None` for what has none.
pub(crate) fn id(own: &Own) -> Option<String> {
    match own {
        Own::User(id) | Own::Note(id) | Own::Room(id) => Some(id.to_string()),
        Own::Reaction { user, to, reaction } => Some(format!("{user}-{to}-{}", URL_SAFE_NO_PAD.encode(&**reaction))),
        Own::House | Own::Unknown => None,
    }
}

/// What our URIs begin with.
pub(crate) fn base(house: &House) -> &str {
    let origin = &house.origin.0;
    if origin.starts_with("https:") { origin.strip_suffix(":443").unwrap_or(origin) } else { origin }
}

/// The host of a URI that is spelled as one must be (versia.md, section 1.5): nothing in it can be taken for another host.
pub(crate) fn host_of(reach: Reach, text: &str) -> Option<Host> {
    let rest = match text.split_once("://")? {
        ("https", rest) => rest,
        ("http", rest) if reach == Reach::Loopback => rest,
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>');
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    (text.len() <= ADDRESS_BYTES && text.bytes().all(plain)).then(|| Host::parse(&rest[..end], reach))?
}

fn uri(house: &House, text: &str) -> Option<Target> {
    let host = host_of(house.reach, text)?;
    if house.host.as_ref() == Some(&host) {
        let own = text.strip_prefix(base(house)).and_then(own_at);
        return Some(Target::Own(own.unwrap_or(Own::Unknown)));
    }
    Some(Target::Remote(Address { host, form: Form::Uri, key: text.into() }))
}

fn reference(house: &House, sender: Option<&Host>, kind: &str, text: &str) -> Option<Target> {
    let (host, id) = match text.rsplit_once(':') {
        Some((domain, id)) => (Host::parse(domain, house.reach)?, id),
        None => (sender?.clone(), text),
    };
    if !is_id(id) {
        return None;
    }
    if house.host.as_ref() == Some(&host) {
        return Some(Target::Own(own_of(kind, id).unwrap_or(Own::Unknown)));
    }
    Some(Target::Remote(address(host, kind, id)))
}

/// The address of something that its house names by type and id.
pub(crate) fn address(host: Host, kind: &str, id: &str) -> Address {
    let key = format!("{kind} {host}:{id}").into();
    Address { host, form: Form::Reference, key }
}

/// Whether a text is an id of 0.6 (versia.md, section 3.1).
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=ID_CHARS).contains(&text.len()) && text.bytes().all(plain)
}

/// A reference without its type.
fn bare(address: &Address) -> &str {
    address.key.split_once(' ').map_or(&*address.key, |(_, reference)| reference)
}

/// Where something of another house is found.
fn url(address: &Address) -> String {
    let parts = address.key.split_once(' ').and_then(|(kind, rest)| Some((kind, rest.rsplit_once(':')?.1)));
    match parts {
        Some((kind, id)) if address.form == Form::Reference => {
            let kind = kind.replace(':', "%3A").replace('/', "%2F");
            format!("{}/.versia/v0.6/entities/{kind}/{id}", address.host.origin())
        }
        _ => address.key.to_string(),
    }
}

/// A number in its one spelling.
fn number(text: &str) -> Option<Id> {
    text.parse::<Id>().ok().filter(|id| id.to_string() == text)
}

fn reaction(user: &str, to: &str, encoded: &str) -> Option<Own> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let reaction = String::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    Some(Own::Reaction { user: number(user)?, to: number(to)?, reaction: reaction.into() })
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use quintet_core::{Limits, Origin};

    use super::*;
    use crate::Options;

    /// A house of that origin, which federates.
    pub(crate) fn house(origin: &str) -> House {
        let reach = if origin.starts_with("https") { Reach::Net } else { Reach::Loopback };
        let options = Options { enabled: true, reach, ..Options::default() };
        House::new(&Origin(origin.to_owned()), &Limits::default(), options)
    }

    fn id(number: u64) -> Id {
        Id::new(number).unwrap()
    }

    fn reaction(text: &str) -> Own {
        Own::Reaction { user: id(4096), to: id(5000), reaction: text.into() }
    }

    fn b_reads(form: Form, kind: &str, text: &str) -> Result<Target, u16> {
        let sender = Host::parse("a.example", Reach::Net).unwrap();
        read(&house("https://b.example"), form, &sender, kind, text).map_err(|error| error.status())
    }

    #[test]
    fn what_is_ours_has_one_name_in_each_form() {
        let house = house("https://b.example");
        for (own, uri, reference) in [
            (Own::User(id(4096)), "https://b.example/users/4096", "b.example:4096"),
            (Own::Note(id(4097)), "https://b.example/notes/4097", "b.example:4097"),
            (Own::Room(id(4098)), "https://b.example/groups/4098", "b.example:4098"),
            (reaction("❤"), "https://b.example/reactions/4096/5000/4p2k", "b.example:4096-5000-4p2k"),
            (reaction("👎"), "https://b.example/reactions/4096/5000/8J-Rjg", "b.example:4096-5000-8J-Rjg"),
            (reaction(":a b/c:"), "https://b.example/reactions/4096/5000/OmEgYi9jOg", "b.example:4096-5000-OmEgYi9jOg"),
        ] {
            let (kind, target) = (kind::of(&own).unwrap(), Target::Own(own));
            assert_eq!(spell(&house, Form::Uri, &target), uri);
            assert_eq!(spell(&house, Form::Reference, &target), reference);
            assert_eq!(b_reads(Form::Uri, kind, uri), Ok(target.clone()));
            assert_eq!(b_reads(Form::Reference, kind, reference), Ok(target.clone()));
            assert_eq!(typed(&house, uri).unwrap(), target);
            assert_eq!(spell_for_people(&house, &target), uri);
        }
    }

    #[test]
    fn what_is_on_our_host_is_never_of_another() {
        for path in [
            "",
            "/",
            "?users/1",
            "/users/",
            "/users/x",
            "/users/007",
            "/users/1/",
            "/users/1/outbox",
            "/users/1?x",
            "/users/%31",
            "/Users/1",
            "//users/1",
            "/users/../users/1",
            "/users/9007199254740992",
            "/reactions/1/2",
            "/reactions/1/2/",
            "/reactions/1/2/4p2l=",
            "/reactions/1/2/4p2",
            "/reactions/1/2/_w",
            "/reactions/1/2/4p2k/3",
            "/inbox",
        ] {
            let read = b_reads(Form::Uri, "User", &format!("https://b.example{path}"));
            assert_eq!(read, Ok(Target::Own(Own::Unknown)), "{path}");
        }
        for (kind, id) in [
            ("User", "x"),
            ("User", "01"),
            ("Other", "1"),
            ("pub.versia:likes/Like", "4096-5000-8J-Rjg"),
            ("pub.versia:reactions/Reaction", "4096-5000-4p2k"),
            ("pub.versia:likes/Like", "4096-5000"),
        ] {
            let read = b_reads(Form::Reference, kind, &format!("b.example:{id}"));
            assert_eq!(read, Ok(Target::Own(Own::Unknown)), "{kind} {id}");
        }
        let deployed = b_reads(Form::Reference, "pub.versia:notes/Note", "b.example:7");
        assert_eq!(deployed, Ok(Target::Own(Own::Note(id(7)))));
    }

    #[test]
    fn addresses_keep_what_names_them() {
        for text in ["https://a.example/u/1", "https://a.example:8443/x?id=%2F", "https://xn--bcher-kva.example/@a:b"] {
            let Ok(Target::Remote(address)) = b_reads(Form::Uri, "User", text) else { panic!("{text}") };
            assert_eq!((&*address.key, address.form), (text, Form::Uri));
            let house = house("https://b.example");
            assert_eq!(typed(&house, text).unwrap(), Target::Remote(address.clone()));
            assert_eq!(spell(&house, Form::Uri, &Target::Remote(address)), text);
        }
        for (kind, text, host, key) in [
            ("User", "c.example:x_Y-1", "c.example", "User c.example:x_Y-1"),
            ("User", "x1", "a.example", "User a.example:x1"),
            ("Note", "c.example:8443:5", "c.example:8443", "Note c.example:8443:5"),
            (kind::GROUP, "c.example:5", "c.example", "pub.versia:groups/Group c.example:5"),
        ] {
            let Ok(Target::Remote(address)) = b_reads(Form::Reference, kind, text) else { panic!("{text}") };
            assert_eq!((address.host.as_str(), &*address.key, address.form), (host, key, Form::Reference));
            let (house, target) = (house("https://b.example"), Target::Remote(address));
            assert_eq!(typed(&house, key).unwrap(), target);
            let shown = spell_for_people(&house, &target);
            assert_eq!(typed(&house, &shown).unwrap(), target, "{shown}");
            assert!(spell(&house, Form::Reference, &target).ends_with(text));
            assert_eq!(spelled(&house, Form::Uri, &target), None, "it has no URI");
        }
        let group = b_reads(Form::Reference, kind::GROUP, "c.example:5").unwrap();
        let url = spell(&house("https://b.example"), Form::Uri, &group);
        assert_eq!(url, "https://c.example/.versia/v0.6/entities/pub.versia%3Agroups%2FGroup/5");
    }

    #[test]
    fn lookalikes_are_no_names() {
        let long = format!("https://a.example/{}", "x".repeat(ADDRESS_BYTES));
        for text in [
            "",
            "a.example",
            "/users/1",
            "//a.example/users/1",
            "https:/a.example/1",
            "https://",
            "https:///users/1",
            "HTTPS://a.example/1",
            "http://a.example/1",
            "ws://a.example/1",
            "ftp://a.example/1",
            "javascript://a.example/1",
            "https://a.example@evil.example/1",
            "https://user:pass@a.example/1",
            "https://a.example:443/1",
            "https://a.example:0/1",
            "https://a.example./1",
            "https://.a.example/1",
            "https://a..example/1",
            "https://A.example/1",
            "https://b.EXAMPLE/users/1",
            "https://bücher.example/1",
            "https://a.example/bücher",
            "https://a%2eexample/1",
            "https://a.example\\@evil.example/1",
            "https://a.example\\1",
            "https://a.example/1#me",
            "https://a.example#/1",
            "https://a.example/a b",
            " https://a.example/1",
            "https://a.example/1\n",
            "https://a.example/\u{0}",
            "https://127.0.0.1/1",
            "https://[::1]/1",
            "https://1.2.3.4/1",
            "https://localhost/1",
            &long,
        ] {
            assert_eq!(b_reads(Form::Uri, "User", text), Err(400), "{text}");
        }
        for text in [
            "",
            ":",
            ":1",
            "a.example:",
            "a b",
            "a.example:a b",
            "A.example:1",
            "a.example.:1",
            "a.example:443:1",
            "a@b.example:1",
            "https://a.example/1",
            "a.example:1/2",
            "é",
            "a.example:é",
            "127.0.0.1:8080:1",
        ] {
            assert_eq!(b_reads(Form::Reference, "User", text), Err(400), "{text}");
        }
        let house = house("https://b.example");
        for text in
            ["", "1", "User", "User 1", "x y z", "a.example", "http://a.example/1", "@a@b.example", "a!b c.example:1"]
        {
            assert!(typed(&house, text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_machine_speaks_plainly() {
        let house = house("http://127.0.0.1:8080");
        let peer = Host::parse("127.0.0.1:9090", Reach::Loopback).unwrap();
        let user = Target::Own(Own::User(id(5)));
        assert_eq!(spell(&house, Form::Uri, &user), "http://127.0.0.1:8080/users/5");
        assert_eq!(spell(&house, Form::Reference, &user), "127.0.0.1:8080:5");
        for (form, text) in [(Form::Uri, "http://127.0.0.1:8080/users/5"), (Form::Reference, "127.0.0.1:8080:5")] {
            assert_eq!(read(&house, form, &peer, "User", text).unwrap(), user);
        }
        let other = read(&house, Form::Uri, &peer, "User", "https://127.0.0.1:8080/users/5").unwrap();
        assert_eq!(other, Target::Own(Own::Unknown), "our host, but not our name");
        assert!(matches!(read(&house, Form::Uri, &peer, "User", "http://[::1]:9090/x"), Ok(Target::Remote(_))));
        assert!(read(&house, Form::Uri, &peer, "User", "http://10.0.0.1/x").is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_two_names_are_one(text in "(https://|b\\.example|a\\.example|:|/|users|User |\\PC){0,12}") {
            let house = house("https://b.example");
            if let Ok(Target::Remote(address)) = typed(&house, &text) {
                prop_assert!(address.key.ends_with(text.trim()));
            }
        }
    }
}
