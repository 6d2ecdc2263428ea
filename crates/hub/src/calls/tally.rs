//! The tally: how often each call was answered, and how.

use std::collections::HashMap;

use metrics::{Counter, counter};
use parking_lot::RwLock;
use quintet_core::{Answer, Call, Error};

/// Counters by call and result, each made when first needed.
#[derive(Default)]
pub(crate) struct Tally {
    counters: RwLock<HashMap<(&'static str, &'static str), Counter>>,
}

impl Tally {
    /// Counts one answer.
    pub(super) fn count(&self, call: &'static str, result: &Result<Answer, Error>) {
        let key = (call, result.as_ref().map_or_else(|error| error.kind().name(), |_| "ok"));
        if let Some(counter) = self.counters.read().get(&key) {
            counter.increment(1);
            return;
        }
        let fresh = counter!("quintet_calls_total", "call" => key.0, "result" => key.1);
        self.counters.write().entry(key).or_insert(fresh).increment(1);
    }
}

/// The stable name of a call in metrics and logs.
pub(super) fn name(call: &Call) -> &'static str {
    match call {
        Call::Register { .. } => "register",
        Call::LogIn { .. } => "log_in",
        Call::RenewToken => "renew_token",
        Call::ChangePassword { .. } => "change_password",
        Call::Federation(ask) => super::federation::name(ask),
        Call::Me => "me",
        Call::User(_) => "user",
        Call::Users => "users",
        Call::SetAvatar(_) => "set_avatar",
        Call::Image(_) => "image",
        Call::Server => "server",
        Call::Rooms => "rooms",
        Call::Room(_) => "room",
        Call::CreateRoom(_) => "create_room",
        Call::ChangeRoom { .. } => "change_room",
        Call::DeleteRoom(_) => "delete_room",
        Call::Chats(_) => "chats",
        Call::Chat(_) => "chat",
        Call::PostChat(_) => "post_chat",
        Call::EditChat { .. } => "edit_chat",
        Call::DeleteChat(_) => "delete_chat",
        Call::React { .. } => "react",
        Call::Reactors(_) => "reactors",
        Call::StartThread { .. } => "start_thread",
        Call::Threads(_) => "threads",
        Call::Roles => "roles",
        Call::CreateRole { .. } => "create_role",
        Call::DeleteRole(_) => "delete_role",
        Call::AssignRole { .. } => "assign_role",
        Call::Grants(_) => "grants",
        Call::SetGrant(_) => "set_grant",
        Call::SetDisabled { .. } => "set_disabled",
        Call::SetPassword { .. } => "set_password",
        Call::IssueToken { .. } => "issue_token",
        Call::Commit(_) => "commit",
        Call::Document(_) => "document",
        Call::Query(_) => "query",
        Call::Search(_) => "search",
        Call::Commits(_) => "commits",
        Call::CommitOf(_) => "commit_of",
        Call::Version(_) => "version",
        Call::AcceptInvite { .. } => "accept_invite",
        Call::Upload { .. } => "upload",
        Call::Download { .. } => "download",
        Call::Invoke(_) => "invoke",
        Call::Procedures => "procedures",
        Call::IssueWorkerToken { .. } => "issue_worker_token",
        Call::EndWorkerTokens(_) => "end_worker_tokens",
        Call::Resume(_) => "resume",
        Call::Export { .. } => "export",
        Call::Import(_) => "import",
        Call::AgentSecret(_) => "agent_secret",
    }
}
