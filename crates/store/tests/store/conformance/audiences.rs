//! Who may hear of a commit: decided with it, by the state that it makes.

use std::collections::HashSet;
use std::sync::Arc;

use quintet_core::hierarchy::Audience;
use quintet_core::term;
use serde_json::json;

use crate::house::House;
use crate::pen::{Pen, at, below, committed, drive, edit, key, property, url};

on_every_store! {
    readers_of_the_whole_lineage_hear
    who_is_listed_no_more_hears_nothing_more
    what_is_destroyed_is_told_to_its_readers
    an_agent_is_heard_by_everybody
    the_log_tells_nobody
}

fn only(numbers: &[u8]) -> Audience {
    Audience::Agents(Arc::new(numbers.iter().copied().map(key).collect::<HashSet<_>>()))
}

async fn readers_of_the_whole_lineage_hear(house: House) {
    let [ann, bob, root] = [Pen::of(1), Pen::of(2), Pen::root()];
    house.write(&root, drive("/").lets(term::READ, &[&Pen::nobody()])).await;
    // The root drive is above what stands below it, and nothing else.
    let event = house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).lets(term::READ, &[&ann])).await;
    assert_eq!(committed(&event).audience, only(&[1]));
    let event = house.write(&ann, below("/d", "/a").lets(term::READ, &[&bob])).await;
    assert_eq!(committed(&event).audience, only(&[1, 2]));
    let event = house.write(&ann, below("/a", "/b")).await;
    assert_eq!(committed(&event).audience, only(&[1, 2]));
    let event = house.write(&root, below("/", "/public")).await;
    assert_eq!(committed(&event).audience, Audience::Everyone);
    // Where it stands afterwards counts.
    let event = house.write(&root, edit("/b").set(term::PARENT, url("/public"))).await;
    assert_eq!(committed(&event).audience, Audience::Everyone);
}

async fn who_is_listed_no_more_hears_nothing_more(house: House) {
    let [ann, bob] = [Pen::of(1), Pen::of(2)];
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).lets(term::READ, &[&ann, &bob])).await;
    house.write(&ann, below("/d", "/a")).await;
    let event = house.write(&ann, edit("/d").lets(term::READ, &[&ann])).await;
    assert_eq!(committed(&event).audience, only(&[1]));
    let event = house.write(&ann, edit("/a").set(&property("x"), 1)).await;
    assert_eq!(committed(&event).audience, only(&[1]));
}

async fn what_is_destroyed_is_told_to_its_readers(house: House) {
    let [ann, bob] = [Pen::of(1), Pen::of(2)];
    house.write(&ann, drive("/d").lets(term::WRITE, &[&ann]).lets(term::READ, &[&bob])).await;
    house.write(&ann, below("/d", "/a")).await;
    house.write(&ann, below("/a", "/b")).await;
    let event = house.write(&ann, edit("/a").destroy()).await;
    assert_eq!(committed(&event).audience, only(&[2]));
    let event = house.write(&Pen::root(), edit("/b").set(&property("x"), 1)).await;
    assert_eq!(committed(&event).audience, Audience::nobody(), "an orphan has nobody above");
}

async fn an_agent_is_heard_by_everybody(house: House) {
    let ann = Pen::of(1);
    let path = ann.url().strip_prefix("http://a.example").unwrap().to_owned();
    let agent = edit(&path).set(term::IS_A, json!([term::AGENT])).set(term::PUBLIC_KEY, "x");
    let event = house.write(&ann, agent).await;
    assert_eq!(committed(&event).audience, Audience::Everyone);
    let event = house.write(&ann, below(&path, "/notes")).await;
    assert_eq!(committed(&event).audience, only(&[1]), "what stands below is the agent's own");
}

async fn the_log_tells_nobody(house: House) {
    let root = Pen::root();
    house.write(&root, drive("/d").lets(term::READ, &[&Pen::nobody()])).await;
    let history = house.store.history(&at("/d").topic(), 0, 9).await.unwrap();
    assert_eq!(committed(&history[0]).audience, Audience::nobody());
    assert!(committed(&history[0]).created);
}
