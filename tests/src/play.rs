//! Playing a script: one house, all parts.

mod peers;
mod voice;

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use quintet_core::Timestamp;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::agent::{Agent, Signed};
use crate::client::{Answer, Ask, Heard, Knock, Socket, request};
use crate::house::{House, Plan, User};
use crate::pattern::{Captures, Pattern, fill};
use crate::peer::Peer;
use crate::script::{self, Line, PeerStatement, Statement};
use voice::Voice;

/// Plays the script in a file against a house of its own; says which line failed.
pub async fn play(path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path)?;
    let script = script::parse(&text).with_context(|| path.display().to_string())?;
    let house = House::open(plan(&script)).await?;
    let mut play = Play::begin(&house, path.parent().unwrap_or(Path::new("."))).await?;
    for line in &script {
        play.perform(&line.statement).await.with_context(|| format!("{}:{}", path.display(), line.number))?;
    }
    ensure!(play.answer.is_none(), "{}: the last answer was not looked at", path.display());
    drop(play);
    house.close().await
}

/// Scripts hear of nobody's coming and going unless they ask for it.
fn plan(script: &[Line]) -> Plan {
    let mut plan = Plan::default();
    plan.limits.insert("presence_delay_ms".into(), 3_600_000);
    for line in script {
        match &line.statement {
            Statement::Limits(limits) => plan.limits.extend(limits.iter().cloned()),
            Statement::Federation => plan.federation = true,
            _ => {}
        }
    }
    plan
}

struct Play<'a> {
    house: &'a House,
    folder: &'a Path,
    captures: Captures,
    users: HashMap<String, User>,
    agents: HashMap<String, Agent>,
    /// When something was signed last: nothing is signed twice at the same time.
    signed_at: Timestamp,
    peers: HashMap<String, Peer>,
    sockets: HashMap<String, Voice>,
    answer: Option<Asked>,
    /// The last answer that was looked at.
    last: Option<Answer>,
}

/// What the last question leads to.
enum Asked {
    /// A request: somebody may have to speak before it is answered.
    Coming(JoinHandle<Result<Answer>>),
    /// A socket that was opened, or not.
    Known(Answer),
}

impl<'a> Play<'a> {
    async fn begin(house: &'a House, folder: &'a Path) -> Result<Self> {
        let mut play = Self {
            house,
            folder,
            captures: Captures::new(),
            users: HashMap::new(),
            agents: HashMap::new(),
            signed_at: Timestamp::from_millis(0),
            peers: HashMap::new(),
            sockets: HashMap::new(),
            answer: None,
            last: None,
        };
        play.captures.insert("port".into(), house.address().port().into());
        play.captures.insert("origin".into(), house.origin().0.clone().into());
        play.captures.insert("host".into(), house.address().to_string().into());
        play.captures.insert("P".into(), "https://atomicdata.dev/properties".into());
        play.captures.insert("C".into(), "https://atomicdata.dev/classes".into());
        let admin = house.admin().await?;
        play.welcome("admin", admin);
        let general = house.general(&play.users["admin"]).await?;
        play.captures.insert("general".into(), general.into());
        Ok(play)
    }

    fn welcome(&mut self, name: &str, user: User) {
        self.captures.insert(format!("{name}.id"), user.id.into());
        self.captures.insert(format!("{name}.token"), user.token.clone().into());
        self.captures.insert(format!("{name}.root"), format!("n::{:024x}", user.id).into());
        self.users.insert(name.to_owned(), user);
    }

    fn arrive(&mut self, name: &str) {
        let agent = Agent::named(name, self.house.origin());
        self.captures.insert(format!("{name}.agent"), agent.url().into());
        self.captures.insert(format!("{name}.key"), agent.public().base64().into());
        self.agents.insert(name.to_owned(), agent);
    }

    fn sign(&mut self, name: &str, variable: &str, json: &str) -> Result<()> {
        let json = fill(json, &self.captures)?;
        let now = self.now();
        let signed = self.agent(name)?.commit(&json, now)?;
        let url = self.agent(name)?.commit_url(&signed);
        self.captures.insert(format!("{variable}.id"), url.into());
        self.keep(variable, signed);
        Ok(())
    }

    fn prove(&mut self, name: &str, variable: &str, url: &str) -> Result<()> {
        let url = fill(url, &self.captures)?;
        let now = self.now();
        let proof = self.agent(name)?.prove(&url, now);
        self.captures.insert(format!("{variable}.base64"), STANDARD.encode(&proof.json).into());
        self.keep(variable, proof);
        Ok(())
    }

    fn keep(&mut self, variable: &str, signed: Signed) {
        self.captures.insert(format!("{variable}.signature"), signed.signature.into());
        self.captures.insert(format!("{variable}.at"), signed.at.into());
        self.captures.insert(variable.to_owned(), signed.json.into());
    }

    fn now(&mut self) -> Timestamp {
        self.signed_at = self.signed_at.plus_millis(1).max(quintet::system_clock()());
        self.signed_at
    }

    fn agent(&self, name: &str) -> Result<&Agent> {
        self.agents.get(name).with_context(|| format!("there is no agent {name}"))
    }

    async fn perform(&mut self, statement: &Statement) -> Result<()> {
        let free = match &self.answer {
            None => true,
            Some(Asked::Coming(_)) => is_spoken(statement),
            Some(Asked::Known(_)) => false,
        };
        ensure!(
            free || matches!(statement, Statement::Answered { .. }),
            "the answer before this line was not looked at"
        );
        match statement {
            Statement::Limits(_) | Statement::Federation => Ok(()),
            Statement::Peer(statement) => self.play_peer(statement).await,
            Statement::User(name) => {
                let user = self.house.user(name).await?;
                self.welcome(name, user);
                Ok(())
            }
            Statement::Agent(name) => {
                self.arrive(name);
                Ok(())
            }
            Statement::Worker(name) => {
                let token = self.house.worker_token(name).await?;
                self.captures.insert(format!("{name}.token"), token.into());
                Ok(())
            }
            Statement::Sign(name, variable, json) => self.sign(name, variable, json),
            Statement::Prove(name, variable, url) => self.prove(name, variable, url),
            Statement::Http { who, method, path, content_type, body } => {
                self.ask(who, method, path, content_type.as_deref(), body.as_deref())
            }
            Statement::Open { name, path, headers } => self.open(name, path, headers).await,
            Statement::Answered { status, body } => self.answered(*status, body.as_deref()).await,
            spoken => self.speak(spoken).await,
        }
    }

    async fn speak(&mut self, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Say(name, text) => {
                let text = fill(text, &self.captures)?;
                self.socket(name)?.say(text).await
            }
            Statement::SayBinary(name, hex) => self.socket(name)?.say_binary(bytes(hex)?).await,
            Statement::SayRepeated(name, count, text) => self.socket(name)?.say(text.repeat(*count)).await,
            Statement::Leave(name, code) => self.socket(name)?.leave(*code).await,
            Statement::Hear(name, pattern) => {
                let heard = self.socket(name)?.hear_text().await?;
                self.check(pattern, &heard).with_context(|| format!("heard {heard}"))
            }
            Statement::HearText(name, text) => {
                let expected = fill(text, &self.captures)?;
                let heard = self.socket(name)?.hear_text().await?;
                ensure!(heard == expected, "expected {expected}, heard {heard}");
                Ok(())
            }
            Statement::HearClose(name, code) => match self.socket(name)?.hear().await? {
                Heard::Close(Some((heard, _))) if heard == *code => Ok(()),
                other => bail!("expected a close with {code}, heard {other:?}"),
            },
            other => bail!("not spoken: {other:?}"),
        }
    }

    /// Some rooms put a verb in front of their JSON.
    fn check(&mut self, pattern: &str, heard: &str) -> Result<()> {
        let verb = pattern.split_once(' ').filter(|_| pattern.starts_with(|c: char| c.is_ascii_uppercase()));
        let (pattern, json) = match verb {
            Some((verb, pattern)) => {
                let json = heard.strip_prefix(verb).and_then(|rest| rest.strip_prefix(' '));
                (pattern, json.with_context(|| format!("expected {verb}"))?)
            }
            None => (pattern, heard),
        };
        let value = serde_json::from_str(json).context("not JSON")?;
        Pattern::parse(pattern)?.check(&value, &mut self.captures)
    }

    fn ask(
        &mut self,
        who: &str,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: Option<&str>,
    ) -> Result<()> {
        let path = fill(path, &self.captures)?;
        let (mut headers, body) = match body {
            Some(variable) if self.peers.contains_key(who) => {
                let (headers, body) = self.sealed_request(variable)?;
                (headers, body.into())
            }
            body => (self.shown(who, &path)?, self.body(body)?),
        };
        if let Some(content_type) = content_type {
            headers.push(("content-type", content_type.to_owned()));
        } else if !body.is_empty() && headers.iter().all(|(name, _)| *name != "content-type") {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let (address, method) = (self.house.address(), method.to_owned());
        self.answer = Some(Asked::Coming(tokio::spawn(async move {
            request(address, Ask { method: &method, path: &path, headers, body }).await
        })));
        Ok(())
    }

    /// What shows who asks.
    fn shown(&mut self, who: &str, path: &str) -> Result<Vec<(&'static str, String)>> {
        match who {
            "-" => return Ok(Vec::new()),
            "house" => return Ok(Self::operator()),
            _ => {}
        }
        let now = self.now();
        if let Some(agent) = self.agents.get(who) {
            return Ok(agent.headers(path, now));
        }
        let user = self.users.get(who).with_context(|| format!("there is no user {who}"))?;
        Ok(vec![("authorization", format!("Bearer {}", user.token))])
    }

    fn body(&self, body: Option<&str>) -> Result<Bytes> {
        match body {
            None => Ok(Bytes::new()),
            Some(text) => match text.strip_prefix('@') {
                Some(file) => Ok(std::fs::read(self.folder.join(file)).with_context(|| file.to_owned())?.into()),
                None => Ok(fill(text, &self.captures)?.into()),
            },
        }
    }

    async fn open(&mut self, name: &str, path: &str, headers: &[(String, String)]) -> Result<()> {
        let path = fill(path, &self.captures)?;
        let headers = headers
            .iter()
            .map(|(key, value)| Ok((key.clone(), fill(value, &self.captures)?)))
            .collect::<Result<Vec<_>>>()?;
        let answer = match Socket::knock(self.house.address(), &path, &headers).await? {
            Knock::Open(socket) => {
                self.sockets.insert(name.to_owned(), (*socket).into());
                Answer { status: 101, headers: Vec::new(), body: Bytes::new() }
            }
            Knock::Refused(answer) => answer,
        };
        self.answer = Some(Asked::Known(answer));
        Ok(())
    }

    async fn answered(&mut self, status: u16, body: Option<&str>) -> Result<()> {
        let answer = match self.answer.take().context("nothing was asked before this line")? {
            Asked::Coming(answer) => answer.await??,
            Asked::Known(answer) => answer,
        };
        let answer = self.last.insert(answer).clone();
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == status, "expected {status}, got {}: {text}", answer.status);
        match body {
            Some("*") => Ok(()),
            None => {
                ensure!(answer.body.is_empty(), "expected an empty body, got {text}");
                Ok(())
            }
            Some(pattern) => {
                let value: Value = answer.json()?;
                Pattern::parse(pattern)?.check(&value, &mut self.captures).with_context(|| format!("answered {value}"))
            }
        }
    }

    fn socket(&mut self, name: &str) -> Result<&mut Voice> {
        self.sockets.get_mut(name).with_context(|| format!("there is no socket {name}"))
    }
}

/// Whether this is said or heard on an open socket.
fn is_spoken(statement: &Statement) -> bool {
    use Statement::{Hear, HearClose, HearText, Leave, Say, SayBinary, SayRepeated};
    if let Statement::Peer(statement) = statement {
        return !matches!(statement, PeerStatement::Header(..) | PeerStatement::Holds(_));
    }
    matches!(statement, Say(..) | SayBinary(..) | SayRepeated(..) | Leave(..) | Hear(..) | HearText(..) | HearClose(..))
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    ensure!(hex.is_ascii() && hex.len().is_multiple_of(2), "hexadecimal digits come in pairs: {hex}");
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}
