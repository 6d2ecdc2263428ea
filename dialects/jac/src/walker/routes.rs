//! Routes: which walker a request means.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use quintet_core::procedure::{Catalogue, Procedure};

use super::kept::Kept;
use super::template::{Filled, segments};
use super::{Entry, Found, KIND, Template, Walker, find};

/// The ways to walkers by HTTP.
pub(crate) struct Routes {
    catalogue: Arc<dyn Catalogue>,
    /// The paths outside of `/walker/`.
    absolute: Kept<Arc<Absolute>>,
    description: Kept<Arc<str>>,
}

/// What a request means.
#[derive(Debug)]
pub(crate) enum Match {
    /// A walker by one of its paths.
    Walker(Walker, Template, Filled),
    /// A procedure that is none, and the name by which to call it.
    Procedure(Arc<str>, Arc<Procedure>),
    /// There is something, but it takes these methods only.
    OtherMethods(BTreeSet<String>),
    /// Nothing.
    Nothing,
}

impl Routes {
    /// To the walkers of a catalogue.
    pub(crate) fn new(catalogue: Arc<dyn Catalogue>) -> Self {
        Self { catalogue, absolute: Kept::default(), description: Kept::default() }
    }

    /// Every procedure that there is.
    pub(crate) fn catalogue(&self) -> &Arc<dyn Catalogue> {
        &self.catalogue
    }

    /// Every walker that can be called over HTTP, by name.
    pub(crate) fn walkers(&self) -> Vec<Walker> {
        let all = self.catalogue.with_interface(KIND);
        let mut walkers: Vec<_> = all.iter().filter_map(Walker::of).filter(|walker| !walker.is_private()).collect();
        walkers.sort_by(|a, b| a.name().cmp(b.name()));
        walkers
    }

    /// Whether a walker has this path for itself, outside of `/walker/`.
    pub(crate) fn is_absolute(&self, path: &str) -> bool {
        let absolute = self.absolute();
        !absolute.by_first.is_empty() && absolute.at(&segments(path).collect::<Vec<_>>()).next().is_some()
    }

    /// What a request means. `/walker/NAME/` is `/walker/NAME`, to which `FastAPI` would redirect: clients put an entry
    /// node there that may be empty.
    pub(crate) fn find(&self, method: &str, path: &str) -> Match {
        match (self.exactly(method, path), path.strip_suffix('/')) {
            (Match::Nothing, Some(path)) => self.exactly(method, path),
            (found, _) => found,
        }
    }

    /// A walker's own path by its name goes before one that was chosen freely.
    fn exactly(&self, method: &str, path: &str) -> Match {
        let path: Vec<_> = segments(path).collect();
        let mut search = Search { method, path: &path, others: BTreeSet::new() };
        let named = self.named(&mut search);
        let found = named.or_else(|| self.absolute().at(&path).find_map(|(walker, way)| search.take(walker, way)));
        found.unwrap_or_else(|| search.end())
    }

    /// By the name in `/walker/<name>…`.
    fn named(&self, search: &mut Search<'_>) -> Option<Match> {
        let [first, name, rest @ ..] = search.path else { return None };
        match find(&*self.catalogue, name).filter(|_| first == "walker")? {
            Found::Walker(walker) if walker.is_absolute() => None,
            Found::Walker(walker) => ways(&walker).find_map(|way| search.take(&walker, &way)),
            Found::Procedure(name, procedure) if rest.is_empty() => search.take_procedure(name, procedure),
            Found::Procedure(..) => None,
        }
    }

    fn absolute(&self) -> Arc<Absolute> {
        self.absolute.get(&*self.catalogue, || Arc::new(Absolute::of(&self.walkers())))
    }

    /// The description of the walkers, as it is made of them by `make`.
    pub(crate) fn description(&self, make: impl FnOnce(&[Walker]) -> String) -> Arc<str> {
        self.description.get(&*self.catalogue, || make(&self.walkers()).into())
    }
}

/// The paths of a walker that can be called over HTTP, the shorter one first.
pub(crate) fn ways(walker: &Walker) -> impl Iterator<Item = Template> {
    let entries = [Entry::Root, Entry::Node].into_iter().filter(|entry| walker.enters_at(*entry));
    entries.map(|entry| walker.template(entry))
}

/// A request that looks for somebody who takes it.
struct Search<'a> {
    method: &'a str,
    path: &'a [Cow<'a, str>],
    /// The methods that are taken at this path.
    others: BTreeSet<String>,
}

impl Search<'_> {
    fn take(&mut self, walker: &Walker, way: &Template) -> Option<Match> {
        let filled = way.fill(self.path)?;
        let methods = walker.http_methods();
        if methods.iter().any(|taken| taken == self.method) {
            return Some(Match::Walker(walker.clone(), way.clone(), filled));
        }
        self.others.extend(methods);
        None
    }

    /// A procedure is called as a walker with the defaults would be.
    fn take_procedure(&mut self, name: Arc<str>, procedure: Arc<Procedure>) -> Option<Match> {
        if self.method == "POST" {
            return Some(Match::Procedure(name, procedure));
        }
        self.others.insert("POST".into());
        None
    }

    fn end(self) -> Match {
        if self.others.is_empty() { Match::Nothing } else { Match::OtherMethods(self.others) }
    }
}

/// Paths that walkers chose freely.
#[derive(Default)]
struct Absolute {
    by_first: HashMap<String, Vec<(Walker, Template)>>,
}

impl Absolute {
    /// The walkers' paths, by their first segment; those with the fewest variables first, then by name.
    ///
    /// The first segment must be a text, so that nobody can take every path there is, and the house's own is nobody's.
    fn of(walkers: &[Walker]) -> Self {
        let mut absolute = Self::default();
        for walker in walkers.iter().filter(|walker| walker.is_absolute() && !walker.http_methods().is_empty()) {
            for template in ways(walker) {
                let Some(first) = template.first().filter(|first| !matches!(*first, "" | "quintet")) else { continue };
                absolute.by_first.entry(first.to_owned()).or_default().push((walker.clone(), template));
            }
        }
        for ways in absolute.by_first.values_mut() {
            ways.sort_by_key(|(_, template)| template.variables().count() + usize::from(template.has_node()));
        }
        absolute
    }

    /// Those that a path matches.
    fn at<'a>(&'a self, path: &'a [Cow<'_, str>]) -> impl Iterator<Item = (&'a Walker, &'a Template)> {
        let first = path.first().and_then(|first| self.by_first.get(&**first));
        let matches = |(_, template): &&(Walker, Template)| template.fill(path).is_some();
        first.into_iter().flatten().filter(matches).map(|(walker, template)| (walker, template))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::Shelf;
    use super::*;

    fn routes(specs: &[(&str, Value)]) -> Routes {
        Routes::new(Arc::new(Shelf::of(specs, &["add", "chat:send"])))
    }

    fn found(routes: &Routes, request: &str) -> String {
        let (method, path) = request.split_once(' ').unwrap();
        match routes.find(method, path) {
            Match::Walker(walker, way, filled) => {
                let variables = filled.variables.iter().map(|(name, value)| format!("{name}={value}"));
                let rest: Vec<_> = variables.chain(filled.node.map(|node| format!("@{node}"))).collect();
                format!("{} {} {}", walker.name(), way.path(), rest.join(" ")).trim_end().into()
            }
            Match::Procedure(name, _) => format!("procedure {name}"),
            Match::OtherMethods(methods) => format!("405 {}", methods.into_iter().collect::<Vec<_>>().join(", ")),
            Match::Nothing => "404".into(),
        }
    }

    #[test]
    fn requests_find_their_walker() {
        let routes = routes(&[
            ("roll", json!({})),
            ("read", json!({"methods": ["get", "POST"], "entry_type": "root", "path": "by/{x}"})),
            ("leaf", json!({"entry_type": "NODE"})),
            ("live", json!({"methods": ["websocket"]})),
            ("mine", json!({"private": true})),
            ("thing", json!({"methods": ["get"], "path": "/things/{id}", "entry_type": "ROOT"})),
            ("newest", json!({"methods": ["get"], "path": "/things/new"})),
            ("make", json!({"path": "/things/{id}", "entry_type": "ROOT"})),
            ("all", json!({"path": "/{everything:path}"})),
            ("house", json!({"path": "/quintet/{x}"})),
            ("front", json!({"path": "/"})),
            ("guest", json!({"path": "/walker/roll/special/{x}", "entry_type": "ROOT"})),
        ]);
        for (request, wanted) in [
            ("POST /walker/roll", "roll /walker/roll"),
            ("POST /walker/roll/n:A:01", "roll /walker/roll/{node} @n:A:01"),
            ("POST /walker/roll/", "roll /walker/roll"),
            ("POST /walker/roll//", "404"),
            ("GET /walker/roll/", "405 POST"),
            ("GET /walker/roll", "405 POST"),
            ("HEAD /walker/read/by/1", "405 GET, POST"),
            ("GET /walker/read/by/a%20b", "read /walker/read/by/{x} x=a b"),
            ("GET /walker/read", "404"),
            ("GET /walker/read/by/1/n:A:01", "404"),
            ("POST /walker/leaf", "404"),
            ("POST /walker/leaf/n", "leaf /walker/leaf/{node} @n"),
            ("POST /walker/live", "404"),
            ("GET /walker/live", "404"),
            ("POST /walker/mine", "404"),
            ("POST /walker/nobody", "404"),
            ("POST /walker", "404"),
            ("POST /walker/", "404"),
            ("POST /walker/add", "procedure add"),
            ("POST /walker/chat_send", "procedure chat:send"),
            ("GET /walker/add", "405 POST"),
            ("POST /walker/add/n:A:01", "404"),
            ("GET /things/7", "thing /things/{id} id=7"),
            ("GET /things/new", "newest /things/new"),
            ("GET /things/new/n:A:01", "newest /things/new/{node} @n:A:01"),
            ("POST /things/7", "make /things/{id} id=7"),
            ("PUT /things/7", "405 GET, POST"),
            ("POST /walker/thing", "404"),
            ("POST /everything/else", "404"),
            ("POST /quintet/v1", "404"),
            ("POST /", "404"),
            ("POST /walker/roll/special/7", "guest /walker/roll/special/{x} x=7"),
        ] {
            assert_eq!(found(&routes, request), wanted, "{request}");
        }
    }

    #[test]
    fn only_what_walkers_chose_is_claimed() {
        let routes = routes(&[
            ("thing", json!({"methods": ["get"], "path": "/things/{id}"})),
            ("live", json!({"methods": ["websocket"], "path": "/live"})),
            ("all", json!({"path": "/{x}"})),
            ("house", json!({"path": "/quintet"})),
            ("roll", json!({})),
        ]);
        for (path, claimed) in [
            ("/things/7", true),
            ("/things/7/n:A:01", true),
            ("/things", false),
            ("/live", false),
            ("/quintet", false),
            ("/x", false),
            ("/", false),
            ("", false),
        ] {
            assert_eq!(routes.is_absolute(path), claimed, "{path}");
        }
    }

    #[test]
    fn paths_are_read_again_at_the_next_revision_only() {
        let shelf = |path: &str, revision| {
            let mut shelf = Shelf::of(&[("thing", json!({"path": path}))], &[]);
            shelf.revision = revision;
            Arc::new(shelf)
        };
        let mut routes = Routes::new(shelf("/a", Some(1)));
        assert!(routes.is_absolute("/a"));
        routes.catalogue = shelf("/b", Some(1));
        assert!(routes.is_absolute("/a") && !routes.is_absolute("/b"));
        routes.catalogue = shelf("/b", Some(2));
        assert!(!routes.is_absolute("/a") && routes.is_absolute("/b"));
        let names = |walkers: &[Walker]| walkers.iter().map(Walker::path).collect();
        assert_eq!(&*routes.description(names), "/b");
        routes.catalogue = shelf("/c", Some(2));
        assert_eq!(&*routes.description(names), "/b", "it is made once");
        routes.catalogue = shelf("/c", Some(3));
        assert_eq!(&*routes.description(names), "/c");
        routes.catalogue = shelf("/c", None);
        assert!(routes.is_absolute("/c") && !routes.is_absolute("/b"));
    }
}
