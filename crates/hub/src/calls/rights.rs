//! Calls about roles and rights.

use quintet_core::call::RoleEntry;
use quintet_core::change::RightsChange;
use quintet_core::right::{Grant, Holder, Rights, Role, Scope};
use quintet_core::{Answer, Body, Change, Error, Id};

use super::asker::{Asker, said};
use super::names::check_name;
use crate::directory::{EVERYONE, Loss};

impl Asker<'_> {
    pub(super) fn roles(&self) -> Answer {
        Answer::Roles(self.hub.directory.roles())
    }

    pub(super) async fn create_role(&self, name: String, ordinality: i32) -> Result<Answer, Error> {
        self.must_be_admin()?;
        check_name("name", &name, &self.hub.limits)?;
        if name == EVERYONE {
            return Err(Error::conflict("every user has the role of this name, choose another name"));
        }
        let events = self.append(Change::CreateRole { name, ordinality }).await?;
        let role = said(&events, created_role)?;
        Ok(Answer::Roles(vec![RoleEntry { role, members: Vec::new(), rights: Rights::default() }]))
    }

    pub(super) async fn delete_role(&self, role: Id) -> Result<Answer, Error> {
        let _turn = self.hub.admins.lock().await;
        self.must_be_admin()?;
        self.must_keep_an_admin(Loss::Flag(Holder::Role(role)))?;
        self.append(Change::DeleteRole(role)).await?;
        Ok(Answer::Done)
    }

    pub(super) async fn assign_role(&self, role: Id, user: Id, member: bool) -> Result<Answer, Error> {
        let _turn = self.hub.admins.lock().await;
        self.must_be_admin()?;
        if !member {
            self.must_keep_an_admin(Loss::Member { role, user })?;
        }
        self.append(Change::AssignRole { role, user, member }).await?;
        Ok(Answer::Done)
    }

    pub(super) fn grants(&self, scope: Scope) -> Result<Answer, Error> {
        self.must_rule(scope)?;
        Ok(Answer::Grants(self.hub.directory.grants(scope)))
    }

    pub(super) async fn set_grant(&self, grant: Grant) -> Result<Answer, Error> {
        let _turn = self.hub.admins.lock().await;
        self.must_rule(grant.scope)?;
        let was_admin = self.hub.directory.grants_admin(grant.scope, grant.holder);
        if was_admin || grant.rights.admin {
            self.must_be_admin()?;
        }
        if grant.scope == Scope::Server && was_admin && !grant.rights.admin {
            self.must_keep_an_admin(Loss::Flag(grant.holder))?;
        }
        self.append(Change::SetGrant(grant)).await?;
        Ok(Answer::Done)
    }

    /// Rights everywhere are the admins' to see and give, those in a room also theirs who manage rooms there.
    fn must_rule(&self, scope: Scope) -> Result<(), Error> {
        match scope {
            Scope::Server => self.must_be_admin(),
            Scope::Room(room) => {
                self.must_see(room)?;
                self.must_manage(Some(room))
            }
        }
    }

    /// `Conflict` if nobody could undo it afterwards. The house always can, and is not asked.
    pub(super) fn must_keep_an_admin(&self, loss: Loss) -> Result<(), Error> {
        if self.is_house() || self.hub.directory.keeps_an_admin(loss) {
            return Ok(());
        }
        Err(Error::conflict("nobody would be left as admin, make somebody else an admin first"))
    }
}

fn created_role(body: &Body) -> Option<Role> {
    match body {
        Body::RightsChanged(RightsChange::RoleCreated(role)) => Some(role.clone()),
        _ => None,
    }
}
