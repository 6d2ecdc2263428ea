//! `atomic_lib`, the Rust library of Atomic Data's makers, unmodified, in a house: what it writes is what it reads, and a refusal
//! reaches it as an error. Leaves with 1 and a reason where that is not so.
//!
//! It signs otherwise than its TypeScript sister: an empty `set` stays in what is signed, and its reading is never signed.

use std::process::ExitCode;

use atomic_lib::agents::Agent;
use atomic_lib::client::fetch_resource;
use atomic_lib::client::search::{SearchOpts, build_search_subject};
use atomic_lib::errors::AtomicResult;
use atomic_lib::{Resource, Store, Storelike, Value, urls};

const ARTICLE: &str = "https://atomicdata.dev/classes/Article";
const TAGS: &str = "https://atomicdata.dev/properties/tags";

fn main() -> ExitCode {
    match Guest::enter().and_then(|guest| guest.visit()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// An agent that may write at the root of a house.
struct Guest {
    origin: String,
    store: Store,
    /// Stands nowhere else in the house.
    word: String,
}

impl Guest {
    /// With `HOUSE_URL` and `HOUSE_SECRET`, as the other guests.
    fn enter() -> AtomicResult<Self> {
        let asked = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let (origin, secret) = (asked("HOUSE_URL")?, asked("HOUSE_SECRET")?);
        let store = Store::init()?;
        store.populate()?;
        store.set_default_agent(Agent::from_secret(&secret)?);
        let word = format!("needle{}", atomic_lib::utils::now());
        Ok(Self { origin, store, word })
    }

    fn visit(&self) -> AtomicResult<()> {
        let mut article = self.create()?;
        self.edit(&mut article)?;
        self.push(&mut article)?;
        self.remove(&mut article)?;
        self.search(&article)?;
        self.is_refused(&article)?;
        self.destroy(&mut article)
    }

    fn create(&self) -> AtomicResult<Resource> {
        let mut article = Resource::new(format!("{}/{}", self.origin, self.word));
        article.set_class(ARTICLE);
        article.set(urls::PARENT.into(), Value::AtomicUrl(self.origin.clone()), &self.store)?;
        article.set(urls::NAME.into(), Value::String(self.word.clone()), &self.store)?;
        article.set(urls::DESCRIPTION.into(), Value::Markdown("first".into()), &self.store)?;
        article.save(&self.store)?;
        let read = self.read(&article)?;
        is(&read, urls::NAME, &self.word)?;
        is(&read, urls::DESCRIPTION, "first")?;
        is(&read, urls::PARENT, &self.origin)?;
        Ok(article)
    }

    fn edit(&self, article: &mut Resource) -> AtomicResult<()> {
        article.set(urls::DESCRIPTION.into(), Value::Markdown("äöü€😀 \"second\"\n".into()), &self.store)?;
        article.save(&self.store)?;
        is(&self.read(article)?, urls::DESCRIPTION, "äöü€😀 \"second\"\n")
    }

    /// The commit has an empty `set`.
    fn push(&self, article: &mut Resource) -> AtomicResult<()> {
        for tag in ["a", "b"] {
            article.push(TAGS, format!("{}/tags/{tag}", self.origin).into(), false)?;
            article.save(&self.store)?;
        }
        let tags = self.read(article)?.get(TAGS)?.to_subjects(None)?;
        let wanted = ["a", "b"].map(|tag| format!("{}/tags/{tag}", self.origin));
        holds(tags == wanted, || format!("the tags are {tags:?}"))
    }

    /// So has this one.
    fn remove(&self, article: &mut Resource) -> AtomicResult<()> {
        article.remove_propval(TAGS);
        article.save(&self.store)?;
        let read = self.read(article)?;
        holds(read.get(TAGS).is_err(), || "the tags are still there".into())?;
        is(&read, urls::NAME, &self.word)
    }

    fn search(&self, article: &Resource) -> AtomicResult<()> {
        let found = |parents| {
            let options = SearchOpts { limit: Some(5), include: Some(false), parents, ..SearchOpts::default() };
            let subject = build_search_subject(&self.origin, &self.word, options);
            fetch_resource(&subject, &self.store, None)?.get(urls::ENDPOINT_RESULTS)?.to_subjects(None)
        };
        let everywhere = found(None)?;
        holds(everywhere == [article.get_subject().as_str()], || format!("found {everywhere:?}"))?;
        let elsewhere = found(Some(vec![format!("{}/elsewhere", self.origin)]))?;
        holds(elsewhere.is_empty(), || format!("found elsewhere {elsewhere:?}"))
    }

    /// Who has no right hears of it, and has changed nothing.
    fn is_refused(&self, article: &Resource) -> AtomicResult<()> {
        let stranger = Store::init()?;
        stranger.populate()?;
        let mut agent = Agent::new(None, &stranger)?;
        agent.subject = format!("{}/agents/{}", self.origin, agent.public_key);
        stranger.set_default_agent(agent);
        let mut copy = self.read(article)?;
        copy.set(urls::NAME.into(), Value::String("mine".into()), &stranger)?;
        fails_with(copy.save(&stranger), 401)?;
        is(&self.read(article)?, urls::NAME, &self.word)
    }

    fn destroy(&self, article: &mut Resource) -> AtomicResult<()> {
        article.destroy(&self.store)?;
        fails_with(self.read(article), 404)
    }

    /// The resource as the house has it.
    fn read(&self, resource: &Resource) -> AtomicResult<Resource> {
        fetch_resource(resource.get_subject(), &self.store, None)
    }
}

fn is(resource: &Resource, property: &str, wanted: &str) -> AtomicResult<()> {
    let value = resource.get(property)?.to_string();
    holds(value == wanted, || format!("{property} is {value:?}, not {wanted:?}"))
}

/// The library tells a refusal by its status.
fn fails_with<T>(result: AtomicResult<T>, status: u16) -> AtomicResult<()> {
    let error = result.err().map_or_else(|| "nothing".to_owned(), |error| error.to_string());
    holds(error.contains(&format!("status code {status}")), || format!("{status} was to come, not: {error}"))
}

fn holds(is_so: bool, otherwise: impl FnOnce() -> String) -> AtomicResult<()> {
    if is_so { Ok(()) } else { Err(otherwise().into()) }
}
