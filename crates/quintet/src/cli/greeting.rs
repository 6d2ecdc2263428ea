//! What `quintet serve` says when it is ready: where, who, and how to try it.

use std::io::{self, Write as _};

use anyhow::Result;
use quintet::Running;
use quintet_core::{Answer, Call, Id, Identity};
use quintet_hub::Caller;

/// Registers a guest, opens the socket, says hello in the room, and prints what it hears.
const CONCORD: &str = r#"node --experimental-websocket -e 'const o="ORIGIN",u={username:"guest"+Date.now(),password:"guest-secret"},p=(a,b)=>fetch(o+a,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(b)}).then(r=>r.json());(async()=>{await p("/api/users/register",u);const{token}=await p("/api/tokens",u),s=new WebSocket(o.replace("http","ws")+"/client?token="+token);s.onmessage=e=>console.log(e.data);s.onopen=()=>s.send(JSON.stringify({type:"chat_written",channelId:ROOM,threadId:null,content:"Hello from Concord"}))})()'"#;

/// Registers a guest, opens the socket on the same room, and prints what it hears there, Concord's chats included.
const JAC: &str = r#"node --experimental-websocket -e 'const o="ORIGIN",u={email:"guest"+Date.now()+"@example.org",password:"guest-secret"},p=(a,b)=>fetch(o+a,{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify(b)}).then(r=>r.json());(async()=>{await p("/user/register",u);const{token}=await p("/user/login",u),s=new WebSocket(o.replace("http","ws")+"/websocket?channel_id=room:ROOM");s.onmessage=e=>console.log(e.data);s.onopen=()=>s.send(JSON.stringify({type:"change_user",token}))})()'"#;

/// Prints the greeting on standard output; the first line tells where the server is, the admin's password comes once.
pub(crate) async fn print(running: &Running) -> Result<()> {
    let text = text(running, default_room(running).await);
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

fn text(running: &Running, room: Option<Id>) -> String {
    let mut text = format!("Quintet {} listens at {}\n", env!("CARGO_PKG_VERSION"), running.origin().0);
    if let Some(password) = running.admin_password() {
        let login = format!("\nAdmin login, shown this once: admin / {}\n", password.expose());
        text.push_str(&login);
    }
    if let Some(room) = room {
        let fill = |line: &str| line.replace("ORIGIN", &running.origin().0).replace("ROOM", &room.to_string());
        let lines = format!("\nTry Concord:\n{}\n\nTry Jac Cloud, in the same room:\n{}\n", fill(CONCORD), fill(JAC));
        text.push_str(&lines);
    }
    text.push_str("\nCtrl-C stops it.\n");
    text
}

/// The room where newcomers land, where there is one.
async fn default_room(running: &Running) -> Option<Id> {
    let house = Caller { identity: Identity::House, via: "cli".into(), address: running.addr().ip() };
    match running.hub().call(&house, Call::Server).await {
        Ok(Answer::Server(server)) => server.default_room,
        _ => None,
    }
}
