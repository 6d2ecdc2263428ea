//! One resource in every format, by hand.

use quintet_core::{Document, Properties, Subject, term};
use serde_json::{Value, json};

use super::*;

const LOCAL: &str = "http://a.example/properties/mood";

/// A document of this house that explains a property.
fn local(url: &str, shortname: &str, datatype: &str) -> Document {
    let properties = json!({
        term::IS_A: [term::PROPERTY],
        term::SHORTNAME: shortname,
        term::DESCRIPTION: "How somebody feels.",
        term::DATATYPE: format!("https://atomicdata.dev/datatypes/{datatype}"),
    });
    let Value::Object(properties) = properties else { unreachable!("it is written as an object") };
    Document { subject: Subject::parse(url).unwrap(), properties }
}

fn resource() -> Value {
    json!({
        "@id": "http://a.example/x",
        term::IS_A: [term::DRIVE],
        term::NAME: "a <b> \"c\"",
        term::PARENT: "http://a.example",
        term::CREATED_AT: 5,
        "https://atomicdata.dev/properties/isLocked": false,
        "https://atomicdata.dev/properties/maxFloat": 1e21,
        "https://elsewhere.example/p": "javascript:alert(1)",
        LOCAL: ["http://a.example/y", { "@id": "http://a.example/z", term::NAME: "z" }, { term::NAME: "nobody" }],
        term::REACTIONS: { "👍": 2 },
    })
}

fn print(format: Format) -> String {
    format.print(&resource(), &[local(LOCAL, "mood", "resourceArray")])
}

fn json_of(format: Format) -> Value {
    serde_json::from_str(&print(format)).unwrap()
}

#[test]
fn json_ad_is_the_resource_itself() {
    assert_eq!(print(Format::JsonAd), resource().to_string());
}

#[test]
fn json_has_short_names() {
    let expected = json!({
        "@id": "http://a.example/x",
        "is-a": [term::DRIVE],
        "name": "a <b> \"c\"",
        "parent": "http://a.example",
        "created-at": 5,
        "is-locked": false,
        "max-float": 1e21,
        "https://elsewhere.example/p": "javascript:alert(1)",
        "mood": ["http://a.example/y", { "@id": "http://a.example/z", "name": "z" }, { "name": "nobody" }],
        "reactions": { "👍": 2 },
    });
    assert_eq!(json_of(Format::Json), expected);
}

#[test]
fn where_two_share_a_short_name_both_keep_their_urls() {
    let other = "http://a.example/properties/name";
    let resource = json!({ "@id": "http://a.example/x", term::NAME: "n", other: "m", term::PARENT: "p" });
    let printed = Format::Json.print(&resource, &[local(other, "name", "string")]);
    let expected = json!({ "@id": "http://a.example/x", term::NAME: "n", other: "m", "parent": "p" });
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), expected);
    let linked: Value =
        serde_json::from_str(&Format::JsonLd.print(&resource, &[local(other, "name", "string")])).unwrap();
    assert_eq!(linked["@context"][other], other, "a context may name a URL by itself");
}

#[test]
fn a_short_name_that_is_none_is_not_used() {
    for shortname in ["@id", "@context", "Mood", "a b", ""] {
        let resource = json!({ "@id": "http://a.example/x", LOCAL: ["http://a.example/y"] });
        let printed = Format::JsonLd.print(&resource, &[local(LOCAL, shortname, "resourceArray")]);
        let printed: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(printed["@id"], "http://a.example/x", "{shortname}");
        assert_eq!(printed[LOCAL], json!(["http://a.example/y"]), "{shortname}");
    }
}

#[test]
fn json_ld_explains_its_keys() {
    let printed = json_of(Format::JsonLd);
    assert_eq!(
        printed["@context"],
        json!({
            "is-a": { "@id": term::IS_A, "@type": "@id", "@container": "@list" },
            "name": term::NAME,
            "parent": { "@id": term::PARENT, "@type": "@id" },
            "created-at": { "@id": term::CREATED_AT, "@type": "http://www.w3.org/2001/XMLSchema#integer" },
            "is-locked": "https://atomicdata.dev/properties/isLocked",
            "max-float": "https://atomicdata.dev/properties/maxFloat",
            "mood": { "@id": LOCAL, "@type": "@id", "@container": "@list" },
            "reactions": { "@id": term::REACTIONS, "@type": "@json" },
        })
    );
    let Value::Object(mut members) = printed else { panic!("not an object") };
    members.shift_remove("@context");
    assert_eq!(Value::Object(members), json_of(Format::Json), "the rest is plain JSON");
}

#[test]
fn triples_say_the_same() {
    let expected = r#"<http://a.example/x> <https://atomicdata.dev/properties/isA> _:b1 .
<http://a.example/x> <https://atomicdata.dev/properties/name> "a <b> \"c\"" .
<http://a.example/x> <https://atomicdata.dev/properties/parent> <http://a.example> .
<http://a.example/x> <https://atomicdata.dev/properties/createdAt> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://a.example/x> <https://atomicdata.dev/properties/isLocked> "false"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://a.example/x> <https://atomicdata.dev/properties/maxFloat> "1e+21"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://a.example/x> <https://elsewhere.example/p> "javascript:alert(1)" .
<http://a.example/x> <http://a.example/properties/mood> _:b2 .
<http://a.example/x> <https://atomicdata.dev/properties/reactions> "{\"👍\":2}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .
_:b1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <https://atomicdata.dev/classes/Drive> .
_:b1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
_:b2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <http://a.example/y> .
_:b2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:b3 .
_:b3 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <http://a.example/z> .
_:b3 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:b4 .
_:b4 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> _:b5 .
_:b4 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
<http://a.example/z> <https://atomicdata.dev/properties/name> "z" .
_:b5 <https://atomicdata.dev/properties/name> "nobody" .
"#;
    assert_eq!(print(Format::NTriples), expected);
    assert_eq!(print(Format::Turtle), print(Format::NTriples));
}

#[test]
fn an_empty_array_and_a_nameless_root_are_lines_too() {
    let printed = Format::NTriples.print(&json!({ term::IS_A: [] }), &[]);
    let nil = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>";
    assert_eq!(printed, format!("_:b1 <{}> {nil} .\n", term::IS_A));
}

#[test]
fn a_page_holds_no_markup_but_its_own() {
    let page = print(Format::Html);
    assert!(page.contains("<h1>a &lt;b&gt; &quot;c&quot;</h1>"), "{page}");
    assert!(!page.contains("<b>") && !page.contains("<script"), "{page}");
    assert!(!page.contains("href=\"javascript:"), "only the web's own links are links");
    assert!(page.contains("<td>javascript:alert(1)</td>"), "{page}");
    let hostile = json!({ "@id": "http://a.example/\"onclick='x'&<", term::NAME: "</title><script>x</script>" });
    let page = Format::Html.print(&hostile, &[]);
    assert!(page.contains("href=\"http://a.example/&quot;onclick=&#39;x&#39;&amp;&lt;\""), "{page}");
    assert!(page.contains("<title>&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;</title>"), "{page}");
}

#[test]
fn whatever_is_no_object_is_printed_somehow() {
    for format in [Format::JsonAd, Format::Json, Format::JsonLd, Format::Turtle, Format::NTriples, Format::Html] {
        for value in [json!(null), json!([1, [null]]), json!({ "@id": 5 }), Value::Object(Properties::new())] {
            let _ = format.print(&value, &[]);
        }
    }
}
