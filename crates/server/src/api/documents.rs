//! Documents, through the API: out of the house in pages, and in again.

use quintet_core::http::{Head, Response};
use quintet_core::{Answer, Call, Document, Error, Id, Kind, Properties, Subject};
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::wire::{Import, Imported, Page, Refused, read, reply};
use super::{Desk, unexpected};

/// Documents on a page of an export at the most.
const PAGE: u64 = 64;

/// Bytes of documents behind which a page ends: they may be large.
const PAGE_BYTES: usize = 16 << 20;

/// `GET /documents`: what is stored behind the number `after`.
pub(super) async fn export(desk: &Desk<'_>, head: &Head) -> Result<Response, Error> {
    let after = head.query_last("after").map_or(Ok(0), |after| after.parse());
    let after = after.ok().and_then(Id::new).ok_or_else(|| {
        Error::bad_message("after must be a number: what the page before named as next, or 0 for the first page")
    })?;
    match desk.ask(Call::Export { after, limit: PAGE }).await? {
        Answer::Exported(rows) => reply(200, &page(&rows, PAGE_BYTES)?),
        other => Err(unexpected(&other)),
    }
}

/// As many as fit, but one at least.
fn page(rows: &[(Id, Document)], bytes: usize) -> Result<Page, Error> {
    let (mut documents, mut next, mut size) = (Vec::with_capacity(rows.len()), None, 0);
    for (id, document) in rows {
        if size >= bytes {
            break;
        }
        let json = to_raw_value(&document.json()).map_err(Error::internal)?;
        size += json.get().len();
        documents.push(json);
        next = Some(id.get());
    }
    Ok(Page { documents, next })
}

/// `POST /documents`
pub(super) async fn import(desk: &Desk<'_>, body: &[u8]) -> Result<Response, Error> {
    let Import { documents } = read(body)?;
    let (mut good, mut outcome) = (Vec::with_capacity(documents.len()), Imported::default());
    for properties in documents {
        match document(properties) {
            Ok(document) => good.push(document),
            Err(refused) => outcome.refused.push(refused),
        }
    }
    take(desk, good, &mut outcome).await?;
    reply(200, &outcome)
}

/// All at once; where one of them is refused, one by one, so that each gets its reason. To import twice changes nothing.
async fn take(desk: &Desk<'_>, documents: Vec<Document>, outcome: &mut Imported) -> Result<(), Error> {
    let count = documents.len() as u64;
    if count == 0 {
        return Ok(());
    }
    match put(desk, documents.clone()).await {
        Ok(()) => outcome.imported += count,
        Err(error) if !is_of_the_document(&error) => return Err(error),
        Err(error) if count == 1 => outcome.refuse(&documents[0], &error),
        Err(_) => {
            for document in documents {
                match put(desk, vec![document.clone()]).await {
                    Ok(()) => outcome.imported += 1,
                    Err(error) if is_of_the_document(&error) => outcome.refuse(&document, &error),
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(())
}

async fn put(desk: &Desk<'_>, documents: Vec<Document>) -> Result<(), Error> {
    match desk.ask(Call::Import(documents)).await? {
        Answer::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

/// Whether another document might fare better.
fn is_of_the_document(error: &Error) -> bool {
    !matches!(error.kind(), Kind::Internal | Kind::Unavailable | Kind::TooMany | Kind::Slow)
}

impl Imported {
    fn refuse(&mut self, document: &Document, error: &Error) {
        let (subject, reason) = (document.subject.as_str().to_owned(), error.public().to_owned());
        self.refused.push(Refused { subject, reason });
    }
}

/// A JSON-AD object as a document.
fn document(mut properties: Properties) -> Result<Document, Refused> {
    let refuse = |subject: &str, reason: &str| Refused { subject: subject.to_owned(), reason: reason.to_owned() };
    let Some(Value::String(url)) = properties.shift_remove("@id") else {
        return Err(refuse("", "a document needs an @id: the URL by which it is known"));
    };
    let subject = Subject::parse(&url).ok_or_else(|| refuse(&url, "its @id is no http or https URL"))?;
    Ok(Document { subject, properties })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_document(json: Value) -> Result<Document, Refused> {
        document(serde_json::from_value(json).unwrap())
    }

    #[test]
    fn a_document_has_a_url_of_its_own() {
        let note = json!({ "@id": "http://a.example/note", "https://atomicdata.dev/properties/name": "x" });
        let document = read_document(note.clone()).ok().unwrap();
        assert_eq!(document.json(), note);
        for (json, named) in [(json!({}), ""), (json!({ "@id": 7 }), ""), (json!({ "@id": "note" }), "note")] {
            assert_eq!(read_document(json).err().unwrap().subject, named);
        }
    }

    #[test]
    fn a_page_ends_where_it_is_full() {
        let row = |id: u64| {
            let document = read_document(json!({ "@id": "http://a.example/note" })).ok().unwrap();
            (Id::new(id).unwrap(), document)
        };
        let rows = [row(4096), row(4097), row(4098)];
        let counts = |bytes| page(&rows, bytes).map(|page| (page.documents.len(), page.next)).unwrap();
        assert_eq!(counts(PAGE_BYTES), (3, Some(4098)));
        assert_eq!(counts(40), (2, Some(4097)), "each has 32 bytes");
        assert_eq!(counts(1), (1, Some(4096)));
        assert_eq!(page(&[], 1).unwrap().next, None);
    }

    #[test]
    fn a_house_that_is_away_ends_an_import() {
        assert!(is_of_the_document(&Error::forbidden("not ours")));
        assert!(is_of_the_document(&Error::too_large("too long")));
        assert!(!is_of_the_document(&Error::unavailable("shutting down")));
        assert!(!is_of_the_document(&Error::internal("disk on fire")));
    }
}
