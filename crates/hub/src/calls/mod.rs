//! Calls: what can be asked of the hall. One file per noun; each call is asked as somebody, whose rights decide.

mod accounts;
mod agents;
mod asker;
pub(crate) mod builtins;
mod chats;
mod children;
mod collections;
mod commits;
mod documents;
mod federation;
mod files;
mod histories;
mod images;
mod invites;
mod lacking;
mod latest;
mod messages;
mod names;
mod order;
mod portraits;
mod presence;
mod procedures;
mod resources;
mod resume;
mod rights;
mod rooms;
mod searches;
mod server;
mod stretch;
mod tally;
mod threads;
mod transfer;
mod users;
mod versions;
mod workers;

use std::error::Error as _;

use quintet_core::{Answer, Call, Error, Kind};

use self::asker::Asker;
pub(crate) use self::tally::Tally;
use crate::hub::{Caller, Hub};

impl Hub {
    /// Answers a call. The errors are those that [`Call`] names, and `Unavailable` at shutdown.
    ///
    /// A chat to be posted reaches the store before this first waits: futures that are begun in order keep their chats in order.
    pub async fn call(&self, caller: &Caller, call: Call) -> Result<Answer, Error> {
        let name = tally::name(&call);
        let result = self.answer(caller, call).await;
        self.tally.count(name, &result);
        if let Err(error) = &result
            && error.kind() == Kind::Internal
        {
            tracing::error!(call = name, via = %caller.via, cause = ?error.source(), "a call failed");
        }
        result
    }

    async fn answer(&self, caller: &Caller, call: Call) -> Result<Answer, Error> {
        self.must_be_open()?;
        let known = Caller { identity: self.policy.known(&caller.identity), ..caller.clone() };
        let asker = Asker::new(self, &known);
        if !is_open(&call) {
            asker.must_be_known()?;
        }
        dispatch(&asker, call).await
    }
}

/// Whether anybody may ask this, known or not: rights decide what is found.
fn is_open(call: &Call) -> bool {
    matches!(
        call,
        Call::Register { .. }
            | Call::LogIn { .. }
            | Call::Commit(_)
            | Call::Document(_)
            | Call::Query(_)
            | Call::Search(_)
            | Call::Commits(_)
            | Call::CommitOf(_)
            | Call::Version(_)
            | Call::AcceptInvite { .. }
            | Call::Upload { .. }
            | Call::Download { .. }
            | Call::Invoke(_)
            | Call::Resume(_)
    ) || matches!(call, Call::Federation(ask) if federation::is_open(ask))
}

/// What is large is boxed: every call is as large as the largest, and is moved on its way.
async fn dispatch(asker: &Asker<'_>, call: Call) -> Result<Answer, Error> {
    match call {
        Call::PostChat(new) => asker.post_chat(new).await,
        Call::EditChat { chat, content } => asker.edit_chat(chat, content).await,
        Call::DeleteChat(chat) => asker.delete_chat(chat).await,
        Call::React { chat, reaction, adding } => asker.react(chat, reaction, adding).await,
        Call::Reactors(chat) => asker.reactors(chat).await,
        Call::Chats(filter) => asker.chats(filter).await,
        Call::Chat(chat) => asker.chat(chat).await,
        Call::StartThread { chat, name } => asker.start_thread(chat, name).await,
        Call::Threads(room) => asker.threads(room).await,
        Call::Me => asker.me(),
        Call::User(user) => asker.user_by_id(user),
        Call::Users => Ok(asker.users()),
        Call::SetAvatar(image) => asker.set_avatar(image).await,
        Call::Image(query) => asker.image(query).await,
        Call::Server => Ok(asker.server()),
        Call::Rooms => Ok(asker.rooms()),
        Call::Room(room) => asker.room(room),
        Call::CreateRoom(new) => asker.create_room(new).await,
        Call::ChangeRoom { room, edit } => asker.change_room(room, edit).await,
        Call::DeleteRoom(room) => asker.delete_room(room).await,
        Call::Register { login, password } => asker.register(login, &password).await,
        Call::LogIn { login, password } => asker.log_in(&login, &password).await,
        Call::RenewToken => asker.renew_token().await,
        Call::ChangePassword { old, new, end_tokens } => asker.change_password(old, &new, end_tokens).await,
        Call::SetDisabled { user, disabled } => asker.set_disabled(user, disabled).await,
        Call::SetPassword { user, password } => asker.set_password(user, &password).await,
        Call::IssueToken { username, ttl } => asker.issue_token(&username, ttl).await,
        Call::Roles => Ok(asker.roles()),
        Call::CreateRole { name, ordinality } => asker.create_role(name, ordinality).await,
        Call::DeleteRole(role) => asker.delete_role(role).await,
        Call::AssignRole { role, user, member } => asker.assign_role(role, user, member).await,
        Call::Grants(scope) => asker.grants(scope),
        Call::SetGrant(grant) => asker.set_grant(grant).await,
        Call::Commit(unverified) => Box::pin(asker.commit(*unverified)).await,
        Call::AcceptInvite { invite, agent } => asker.accept_invite(&invite, agent).await,
        Call::Upload { parent, files } => asker.upload(&parent, files).await,
        Call::Import(documents) => asker.import(documents).await,
        Call::AgentSecret(username) => asker.agent_secret(&username),
        Call::Document(query) => Box::pin(asker.document(query)).await,
        Call::Query(query) => Box::pin(asker.query(query)).await,
        Call::Search(search) => asker.search(search).await,
        Call::Commits(subject) => asker.commits(&subject).await,
        Call::CommitOf(signature) => asker.commit_of(&signature).await,
        Call::Version(signature) => asker.version(&signature).await,
        Call::Download { file, width } => asker.download(&file, width).await,
        Call::Invoke(invocation) => asker.invoke(*invocation).await,
        Call::Procedures => asker.procedures(),
        Call::IssueWorkerToken { name, ttl } => asker.issue_worker_token(&name, ttl),
        Call::EndWorkerTokens(name) => asker.end_worker_tokens(&name).await,
        Call::Resume(since) => asker.resume(since).await,
        Call::Federation(ask) => Box::pin(asker.federation(*ask)).await,
        Call::Export { after, limit } => asker.export(after, limit).await,
    }
}
