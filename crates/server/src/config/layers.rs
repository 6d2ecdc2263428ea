//! Layers: defaults, then the file, then variables, then flags.

use std::path::{Path, PathBuf};

use super::error::{Error, Problem};
use super::file::File;
use super::procedure::PREFIX;
use super::section::Section;
use super::setting::Value;
use super::suggestion::did_you_mean;
use super::{Config, FILE, sections};

/// Variables that begin like ours and are not configuration: the command line reads them itself.
const NOT_CONFIGURATION: [&str; 4] = ["QUINTET_CONFIG", "QUINTET_URL", "QUINTET_API_KEY", "QUINTET_PASSWORD"];

/// More threads than any machine has cores are a slip of the pen.
const MOST_THREADS: u64 = 1024;

/// Where the configuration comes from.
#[derive(Debug, Default)]
pub struct Sources {
    /// The file that was named; it must exist. Else [`FILE`] is read where it exists.
    pub file: Option<PathBuf>,
    /// The environment.
    pub variables: Vec<(String, String)>,
    /// The flags that were given.
    pub flags: Vec<Flag>,
}

/// A flag that was given.
#[derive(Debug)]
pub struct Flag {
    /// As it was written: `--listen`.
    pub name: &'static str,
    /// The key that it sets: `listen`, `tls.key`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

/// A configuration that holds.
#[derive(Debug)]
pub struct Loaded {
    /// What to do.
    pub config: Config,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// What looks wrong without being an error, such as a variable that sets nothing.
    pub warnings: Vec<String>,
}

/// Reads all layers, the later ones over the earlier, and checks the whole.
pub fn load(sources: &Sources) -> Result<Loaded, Error> {
    let sections = sections();
    let mut problems = Vec::new();
    let mut config = Config::default();
    let file = read_file(sources.file.as_deref(), &mut problems);
    if let Some((path, text)) = &file {
        File { name: &path.to_string_lossy(), text, sections: &sections }.apply(&mut config, &mut problems);
    }
    let warnings = apply_variables(&sources.variables, &sections, &mut config, &mut problems);
    for flag in &sources.flags {
        apply(&sections, |path, _| path == flag.key, flag.name.to_owned(), &flag.value, &mut config, &mut problems);
    }
    check(&config, &mut problems);
    if problems.is_empty() {
        Ok(Loaded { config, file: file.map(|(path, _)| path), warnings })
    } else {
        Err(Error { problems })
    }
}

fn read_file(named: Option<&Path>, problems: &mut Vec<Problem>) -> Option<(PathBuf, String)> {
    let path = named.unwrap_or(Path::new(FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Some((path.to_owned(), text)),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            problems.push(Problem { place: path.display().to_string(), message: format!("cannot be read: {error}") });
            None
        }
    }
}

/// Sets the key that is chosen; says whether there was one.
fn apply(
    sections: &[Section],
    chosen: impl Fn(&str, &str) -> bool,
    place: String,
    text: &str,
    config: &mut Config,
    problems: &mut Vec<Problem>,
) -> bool {
    let mut all = sections.iter().flat_map(|section| section.keys.iter().map(move |key| (section, key)));
    let Some((_, key)) = all.find(|(section, key)| chosen(&section.path(key), &section.variable(key))) else {
        return false;
    };
    if let Err(message) = (key.set)(config, &Value::Loose(text.to_owned())) {
        problems.push(Problem { place, message });
    }
    true
}

/// Puts the variables over the configuration. One that sets nothing is only worth a warning: others name theirs
/// `QUINTET_…` too, such as Kubernetes for a service of that name.
fn apply_variables(
    variables: &[(String, String)],
    sections: &[Section],
    config: &mut Config,
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let ours = variables.iter().filter(|(name, _)| name.starts_with("QUINTET_"));
    for (name, value) in ours.filter(|(name, _)| !NOT_CONFIGURATION.contains(&name.as_str())) {
        if !apply(sections, |_, variable| variable == name, name.clone(), value, config, problems) {
            let known = sections.iter().flat_map(|section| section.keys.iter().map(|key| section.variable(key)));
            let listed = name.starts_with(PREFIX).then(|| "; procedures stand in the file only".to_owned());
            let hint = listed.unwrap_or_else(|| did_you_mean(name, known));
            warnings.push(format!("{name} sets nothing{hint}"));
        }
    }
    warnings
}

/// What no single key can see.
fn check(config: &Config, problems: &mut Vec<Problem>) {
    let mut wrong = |place: &str, message: &str| {
        problems.push(Problem { place: place.to_owned(), message: message.to_owned() });
    };
    if config.house.threads > MOST_THREADS {
        wrong("threads", "expected 1024 or fewer; 0 takes one for each core");
    }
    if config.tls.certificate.is_some() != config.tls.key.is_some() {
        wrong("[tls]", "certificate and key go together; set both or neither");
    }
    if config.api.keys.iter().any(|key| key.expose().chars().count() < 16) {
        wrong("api.keys", "a key has fewer than 16 characters; make one with `openssl rand -hex 32`");
    }
    if config.cors.origins.iter().any(|origin| origin != "*" && !origin.contains("://")) {
        wrong("cors.origins", "expected \"*\", or origins such as \"https://app.example.org\"");
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::procedure::Claim;

    use super::super::in_force;
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)], flags: Vec<Flag>) -> Result<Loaded, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let place = file.path().display().to_string();
        load(&Sources { file: Some(file.path().to_owned()), variables, flags })
            .map_err(|error| error.to_string().replace(&place, "FILE"))
    }

    #[test]
    fn flags_go_over_variables_over_the_file_over_defaults() {
        let text = "listen = \"a:1\"\ndata = \"from-file\"\nthreads = 3\n[limits]\nqueue_bytes = 1\nrooms = 5";
        let variables = [("QUINTET_LISTEN", "b:2"), ("QUINTET_LIMITS_QUEUE_BYTES", "2_000"), ("QUINTET_DATA", "env")];
        let flag = Flag { name: "--listen", key: "listen", value: "c:3".to_owned() };
        let config = read(text, &variables, vec![flag]).unwrap().config;
        assert_eq!(config.house.listen.to_string(), "c:3");
        assert_eq!(config.house.data, PathBuf::from("env"));
        assert_eq!((config.house.threads, config.limits.queue_bytes, config.limits.rooms), (3, 2_000, 5));
        assert_eq!(config.limits.ping_seconds, 20);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let table = [
            ("listn = \"x:1\"", "FILE:1:1: unknown key \"listn\"; did you mean \"listen\"?"),
            ("\n[limit]\nrooms = 1", "FILE:2:2: unknown key \"limit\"; did you mean \"limits\"?"),
            (
                "[limits]\n queue_byte = 1",
                "FILE:2:2: unknown key \"queue_byte\" in [limits]; did you mean \"queue_bytes\"?",
            ),
            ("token_ttl = \"1d\"", "FILE:1:1: unknown key \"token_ttl\"; did you mean \"auth.token_ttl\"?"),
            ("zzzzzz = 1", "FILE:1:1: unknown key \"zzzzzz\""),
            ("threads = \"3\"", "FILE:1:11: threads: expected a whole number, 0 or more, not a text"),
            ("threads = -3", "FILE:1:11: threads: expected a whole number, 0 or more, not a negative or huge number"),
            ("threads = 1025", "threads: expected 1024 or fewer; 0 takes one for each core"),
            ("[limits]\nrooms = 0", "FILE:2:9: limits.rooms: expected a whole number, 1 or more"),
            ("tls = 3", "FILE:1:1: tls: expected a table, [tls]"),
            ("[tls]\ncertificate = \"a.pem\"", "[tls]: certificate and key go together; set both or neither"),
            (
                "[api]\nkeys = [\"short\"]",
                "api.keys: a key has fewer than 16 characters; make one with `openssl rand -hex 32`",
            ),
            (
                "[proxies]\ntrusted = [1]",
                "FILE:2:11: proxies.trusted: expected a list of texts, not a list of something else",
            ),
        ];
        for (text, complaint) in table {
            assert_eq!(read(text, &[], Vec::new()).unwrap_err(), complaint, "{text}");
        }
        assert!(read("listen =", &[], Vec::new()).unwrap_err().starts_with("FILE:1:9: "));
    }

    #[test]
    fn procedures_are_a_list_of_tables() {
        let text = "[[procedure]]\nname = \"billing:*\"\nurl = \"https://b.example/calls\"\ntimeout = \"5s\"\n\
            secret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\"\nidempotent = true\n\
            [[procedure]]\nname = \"add\"\nurl = \"http://localhost:9000\"\n\
            secret = \"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\"\nclaims = [\"admin\"]\nconcurrency = 3\n";
        let config = read(text, &[], Vec::new()).unwrap().config;
        let [billing, add] = &config.procedures[..] else { panic!("{config:?}") };
        assert_eq!((billing.name.as_str(), billing.timeout.unwrap().duration().as_secs()), ("billing:*", 5));
        assert!(billing.idempotent && !add.idempotent);
        assert_eq!((billing.concurrency, add.concurrency), (0, 3));
        assert_eq!(billing.claims, [Claim::Authenticated]);
        assert_eq!(add.claims, [Claim::Admin]);
        assert_eq!(billing.secret, add.secret);
        let shown = in_force(&config);
        assert!(shown.contains("[[procedure]]\nname = \"add\"") && !shown.contains("MDEy"), "{shown}");
        assert!(!format!("{config:?}").contains("MDEy"));
    }

    #[test]
    fn what_is_wrong_with_a_procedure_is_named_with_its_place() {
        let good = "url = \"http://a\"\nsecret = \"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\"\n";
        let table = [
            (
                "name = \"a\"".to_owned(),
                "FILE:2:1: procedure.url is missing; say where it is answered; \
                FILE:2:1: procedure.secret is missing; make one with `openssl rand -base64 32`",
            ),
            (good.to_owned(), "FILE:2:1: procedure.name is missing; give it one, as in \"billing:*\""),
            (
                format!("{good}name = \"*\""),
                "FILE:2:1: procedure.name: \"*\" is no name for a procedure: use parts joined by single colons, as in orders:create",
            ),
            (
                format!("{good}name = \"a\"\nclaim = [\"admin\"]"),
                "FILE:6:1: unknown key \"claim\" in [[procedure]]; did you mean \"claims\"?",
            ),
            (
                format!("{good}name = \"a\"\nclaims = [\"root\"]"),
                "FILE:6:10: procedure.claims: \"root\" is no claim: use authenticated, unauthenticated, websocket, not-websocket, of-type:KIND or admin",
            ),
            (
                "url = \"a\"".to_owned(),
                "FILE:3:7: procedure.url: expected a URL with http or https and without a user, as in \"https://billing.example.org/calls\"",
            ),
            (
                "secret = \"short\"".to_owned(),
                "FILE:3:10: procedure.secret: expected 24 or more bytes as base64; make some with `openssl rand -base64 32`",
            ),
            (
                format!("{good}name = \"a\"\n[[procedure]]\n{good}name = \"a\""),
                "FILE:9:8: procedure.name: there is another \"a\" above",
            ),
            (
                format!("{good}name = \"echo\""),
                "FILE:5:8: procedure.name: \"echo\" is run by the server itself already; webhook echo cannot run it too, choose another name",
            ),
            (
                format!("name = \"chat:*\"\n{good}"),
                "FILE:3:8: procedure.name: \"chat:delete\" is run by the server itself already; webhook chat:* cannot run \"chat:*\" too, choose another name",
            ),
            (
                format!("{good}name = \"a:*\"\n[[procedure]]\n{good}name = \"a:b\""),
                "FILE:9:8: procedure.name: \"a:*\" is run by webhook a:* already; webhook a:b cannot run \"a:b\" too, choose another name",
            ),
        ];
        for (text, complaint) in table {
            assert_eq!(read(&format!("\n[[procedure]]\n{text}"), &[], Vec::new()).unwrap_err(), complaint, "{text}");
        }
        for (text, complaint) in [
            ("procedure = 3", "FILE:1:1: procedure: expected tables, each [[procedure]]"),
            ("[procedure]", "FILE:1:2: procedure: expected tables, each [[procedure]]"),
            ("[[procedures]]", "FILE:1:3: unknown key \"procedures\"; did you mean \"procedure\"?"),
        ] {
            assert_eq!(read(text, &[], Vec::new()).unwrap_err(), complaint, "{text}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let complaint = read("listn = 1\nthreads = true", &[("QUINTET_LOG_FORMAT", "xml")], Vec::new()).unwrap_err();
        assert_eq!(complaint.matches("; ").count() - 1, 2, "{complaint}");
        assert!(complaint.ends_with("QUINTET_LOG_FORMAT: expected \"pretty\" or \"json\""), "{complaint}");
    }

    #[test]
    fn what_is_wrong_is_told_from_top_to_bottom() {
        let complaint = read("threads = -1\nlisten = 1\n[log]\nlevel = 1\n[auth]\nx = 1", &[], Vec::new()).unwrap_err();
        let lines: Vec<_> = complaint.split("FILE:").skip(1).filter_map(|rest| rest.split(':').next()).collect();
        assert_eq!(lines, ["1", "2", "4", "6"], "{complaint}");
    }

    #[test]
    fn a_variable_that_sets_nothing_is_a_warning() {
        let variables = [("QUINTET_LISTN", "x"), ("QUINTET_URL", "x"), ("HOME", "x"), ("QUINTET_PROCEDURE_URL", "x")];
        let warnings = read("", &variables, Vec::new()).unwrap().warnings;
        let told = [
            "QUINTET_LISTN sets nothing; did you mean \"QUINTET_LISTEN\"?",
            "QUINTET_PROCEDURE_URL sets nothing; procedures stand in the file only",
        ];
        assert_eq!(warnings, told);
    }

    #[test]
    fn a_named_file_must_exist() {
        let sources = Sources { file: Some(PathBuf::from("no-such-file.toml")), ..Sources::default() };
        assert!(load(&sources).unwrap_err().to_string().starts_with("no-such-file.toml: cannot be read"));
    }

    #[test]
    fn secrets_in_a_configuration_do_not_show() {
        let text = "[admin]\npassword = \"hunter2\"\n[api]\nkeys = [\"0123456789abcdef\"]";
        let shown = format!("{:?}", read(text, &[], Vec::new()).unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("0123456789abcdef"));
    }
}
