//! JSON-LD: plain JSON with a context that leads back to the properties.

use std::collections::HashSet;

use quintet_vocabulary::Datatype;
use serde_json::{Map, Value, json};

use super::names::Names;
use super::{is_resource, plain};

/// A resource with its `@context`.
pub(super) fn print(resource: &Value, names: &Names) -> Value {
    let opaque = opaque(resource);
    let context = names.properties().filter_map(|property| {
        let entry = entry(property, names.datatype(property)?, opaque.contains(property));
        Some((names.key(property).to_owned(), entry))
    });
    let mut object = Map::new();
    object.insert("@context".to_owned(), Value::Object(context.collect()));
    if let Value::Object(members) = resource {
        object.extend(plain::object_of(members, names));
    }
    Value::Object(object)
}

/// "`{"@id": property, "@type": "@id"}` for URL values, `"@container": "@list"` for arrays, XSD date/integer types, a plain string otherwise".
fn entry(property: &str, datatype: Datatype, opaque: bool) -> Value {
    if opaque {
        return json!({ "@id": property, "@type": "@json" });
    }
    match datatype {
        Datatype::AtomicUrl => json!({ "@id": property, "@type": "@id" }),
        // Its items are URLs.
        Datatype::ResourceArray => json!({ "@id": property, "@type": "@id", "@container": "@list" }),
        Datatype::Date => json!({ "@id": property, "@type": "http://www.w3.org/2001/XMLSchema#date" }),
        Datatype::Integer | Datatype::Timestamp => {
            json!({ "@id": property, "@type": "http://www.w3.org/2001/XMLSchema#integer" })
        }
        _ => property.into(),
    }
}

/// The properties whose values are objects with keys of their own, which a reader would drop.
fn opaque(value: &Value) -> HashSet<&str> {
    let mut found = HashSet::new();
    gather(value, &mut found);
    found
}

fn gather<'a>(value: &'a Value, found: &mut HashSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(object) => {
            for (property, value) in object {
                match value {
                    Value::Object(inner) if !is_resource(inner) => {
                        found.insert(property);
                    }
                    other => gather(other, found),
                }
            }
        }
        _ => {}
    }
}
