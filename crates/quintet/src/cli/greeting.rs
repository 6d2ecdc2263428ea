//! What `quintet serve` says when it is ready: where, who, and how to try it.

use std::path::Path;

use anyhow::Result;
use quintet::Running;
use quintet_core::{Answer, Call, Id, Identity, Origin};
use quintet_hub::Caller;

use super::output;

/// Registers a guest, opens the socket, says hello in the room, and prints what it hears.
const CONCORD: &str = r#"node --experimental-websocket -e 'const o="ORIGIN",u={username:"guest"+Date.now(),password:crypto.randomUUID()},p=(a,b)=>fetch(o+a,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(b)}).then(r=>r.json());(async()=>{await p("/api/users/register",u);const{token}=await p("/api/tokens",u),s=new WebSocket(o.replace("http","ws")+"/client?token="+token);s.onmessage=e=>console.log(e.data);s.onopen=()=>s.send(JSON.stringify({type:"chat_written",channelId:ROOM,threadId:null,content:"Hello from Concord"}))})()'"#;

/// Registers a guest, opens the socket on the same room, and prints what it hears there, Concord's chats included.
const JAC: &str = r#"node --experimental-websocket -e 'const o="ORIGIN",u={email:"guest"+Date.now()+"@example.org",password:crypto.randomUUID()},p=(a,b)=>fetch(o+a,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(b)}).then(r=>r.json());(async()=>{await p("/user/register",u);const{token}=await p("/user/login",u),s=new WebSocket(o.replace("http","ws")+"/websocket?channel_id=room:ROOM");s.onmessage=e=>console.log(e.data);s.onopen=()=>s.send(JSON.stringify({type:"change_user",token}))})()'"#;

/// Registers a guest, opens the socket, listens to the same room, says hello there, and prints the answers and what it hears.
const FLAMIGO: &str = r#"node --experimental-websocket -e 'const o="ORIGIN",u={username:"guest"+Date.now(),password:crypto.randomUUID()},p=(a,b)=>fetch(o+a,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(b)}).then(r=>r.json());(async()=>{await p("/api/users/register",u);const{token}=await p("/api/tokens",u),s=new WebSocket(o.replace("http","ws")+"/ws"),c=(n,payload)=>s.send(JSON.stringify({topic:"app::"+n,payload,ackId:n}));s.onmessage=e=>console.log(e.data);s.onopen=()=>{c("websocket:auth",{token});c("room:join",{roomId:"ROOM"});c("chat:send",{roomId:"ROOM",content:"Hello from Flamigo"})}})()'"#;

/// What a program needs to answer calls. It may be pasted anywhere: this program need not be on the path, and the data are found.
const WORKER: &str = "export QUINTET_URL=ORIGIN QUINTET_TOKEN=\"$(PROGRAM token --worker example --data DATA)\"";

/// Makes a user and lets it follow somebody of another server.
const FOLLOW: &str = "PROGRAM token alice --create --data DATA && PROGRAM follow alice bob@b.example --data DATA";

/// Reads the root drive.
const ATOMIC: &str = "curl -H 'Accept: application/ad+json' ORIGIN/";

/// Makes an agent, says hello in the room with its first commit, opens the socket as that agent, and prints the room and what it hears there.
const ATOMIC_SOCKET: &str = r#"node --experimental-websocket -e 'const o="ORIGIN",c=require("crypto"),P="https://atomicdata.dev/properties/",C="https://atomicdata.dev/classes/",r=o+"/room/ROOM",{publicKey,privateKey}=c.generateKeyPairSync("ed25519"),k=publicKey.export({format:"der",type:"spki"}).subarray(12).toString("base64"),a=o+"/agents/"+k,g=t=>c.sign(null,Buffer.from(t),privateKey).toString("base64"),m={[P+"createdAt"]:Date.now(),[P+"isA"]:[C+"Commit"],[P+"set"]:{[P+"description"]:"Hello from Atomic",[P+"isA"]:[C+"Message"],[P+"parent"]:r},[P+"signer"]:a,[P+"subject"]:o+"/"+c.randomUUID()};m[P+"signature"]=g(JSON.stringify(m));(async()=>{await fetch(o+"/commit",{method:"POST",body:JSON.stringify(m)});const u=o.replace("http","ws")+"/ws",t=Date.now(),s=new WebSocket(u);s.onmessage=e=>console.log(e.data);s.onopen=()=>{s.send("AUTHENTICATE "+JSON.stringify({[P+"auth/agent"]:a,[P+"auth/requestedSubject"]:u,[P+"auth/publicKey"]:k,[P+"auth/timestamp"]:t,[P+"auth/signature"]:g(u+" "+t)}));s.send("SUBSCRIBE "+r);s.send("GET "+r)}})()'"#;

/// Prints the greeting on standard output, of a server on this data directory; the first line tells where the server is, the admin's password comes once.
pub(crate) async fn print(running: &Running, data: &Path) -> Result<()> {
    let federates = running.hub().federation().is_ok();
    let follow = federates.then(|| filled(FOLLOW, data));
    output::print(&text(running, default_room(running).await, &filled(WORKER, data), follow.as_deref()))
}

/// A line with this program and its data in it.
fn filled(line: &str, data: &Path) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| "quintet".into());
    let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    line.replace("PROGRAM", &word(&program)).replace("DATA", &word(&data))
}

/// A path as one word of a shell.
fn word(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+,@".contains(letter);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

fn text(running: &Running, room: Option<Id>, worker: &str, follow: Option<&str>) -> String {
    let mut text = first_line(&running.url(), running.configured_origin());
    if let Some(password) = running.admin_password() {
        let login = format!("\nAdmin login, shown this once: admin / {}\n", password.expose());
        text.push_str(&login);
    }
    if let Some(room) = room {
        let fill = |line: &str| line.replace("ORIGIN", &running.origin().0).replace("ROOM", &room.to_string());
        for (title, line) in [
            ("Try Concord", CONCORD),
            ("Try Jac Cloud, in the same room", JAC),
            ("Try Flamigo, there too", FLAMIGO),
            ("Try Atomic Data, there too", ATOMIC_SOCKET),
        ] {
            add(&mut text, title, &fill(line));
        }
    }
    for (title, line) in
        [("Read the root drive", ATOMIC), ("Before you run a worker, a program that answers calls", worker)]
    {
        add(&mut text, title, &line.replace("ORIGIN", &running.origin().0));
    }
    if let Some(follow) = follow {
        add(&mut text, "Follow somebody of another server, once you know one", follow);
    }
    text.push_str("\nCtrl-C stops it.\n");
    text
}

fn add(text: &mut String, title: &str, line: &str) {
    text.extend(["\n", title, ":\n", line, "\n"]);
}

/// Names the bound address first: whoever starts a server from a program reads it from here.
fn first_line(url: &str, configured: Option<&Origin>) -> String {
    match configured.filter(|origin| origin.0 != url) {
        Some(origin) => format!("quintet listens on {url} and is reached at {}\n", origin.0),
        None => format!("quintet listens on {url}\n"),
    }
}

/// The room where newcomers land, where there is one.
async fn default_room(running: &Running) -> Option<Id> {
    let house = Caller {
        identity: Identity::House,
        via: "cli".into(),
        address: running.addr().ip(),
        local: true,
        socket: false,
    };
    match running.hub().call(&house, Call::Server).await {
        Ok(Answer::Server(server)) => server.default_room,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_address_comes_first() {
        let url = "http://127.0.0.1:80";
        assert_eq!(first_line(url, None), "quintet listens on http://127.0.0.1:80\n");
        assert_eq!(first_line(url, Some(&Origin(url.to_owned()))), "quintet listens on http://127.0.0.1:80\n");
        let line = first_line(url, Some(&Origin("https://chat.example.org".to_owned())));
        assert_eq!(line, "quintet listens on http://127.0.0.1:80 and is reached at https://chat.example.org\n");
    }

    #[test]
    fn guests_have_no_known_password() {
        for line in [CONCORD, JAC, FLAMIGO] {
            assert!(line.contains("password:crypto.randomUUID()"), "{line}");
        }
    }

    #[test]
    fn paths_are_one_word_of_a_shell() {
        for (path, expected) in [("/srv/data-1", "/srv/data-1"), ("/my data", "'/my data'"), ("/it's", r"'/it'\''s'")] {
            assert_eq!(word(Path::new(path)), expected);
        }
    }

    #[test]
    fn lines_are_whole_words_of_a_shell() {
        for line in [CONCORD, JAC, FLAMIGO, ATOMIC, ATOMIC_SOCKET] {
            assert!(line.matches('\'').count() == 2 && !line.contains('\n'), "{line}");
        }
    }
}
