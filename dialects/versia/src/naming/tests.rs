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
        "/",
        "/?users/1",
        "/users/",
        "/users/x",
        "/users/007",
        "/users/1/",
        "/users/1/outbox",
        "/users/1?x",
        "/users/%31",
        "/Users/1",
        "//users/1",
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
        "https://a.example",
        "https://a.example?/1",
        "https://a.example/../1",
        "https://b.example/users/../users/1",
        "https://a.example/%zz",
        "https://a.example/a|b",
        "https:///users/1",
        "HTTPS://a.example/1",
        "http://a.example/1",
        "http://b.example/users/1",
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
    assert!(read(&house, Form::Uri, &peer, "User", "https://127.0.0.1:9090/x").is_err(), "there is no TLS");
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
