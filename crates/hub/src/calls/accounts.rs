//! Calls about accounts: registering, logging in, passwords, tokens, locking out.

use std::time::Duration;

use quintet_core::identity::Secret;
use quintet_core::user::{Account, NewLogin, SignedIn};
use quintet_core::{Answer, Body, Change, Error, Id};

use super::asker::{Asker, said};
use super::names::check_name;
use crate::agents::new_account;
use crate::directory::Loss;
use crate::rates::{self, Attempt};

impl Asker<'_> {
    pub(super) async fn register(&self, login: NewLogin, password: &Secret) -> Result<Answer, Error> {
        let by_admin = self.hub.policy.is_admin(self.who());
        if !self.hub.rules.registration && !by_admin {
            return Err(Error::forbidden("registration is closed here, ask an admin for an account"));
        }
        let name = match &login {
            NewLogin::Username(name) => ("username", name),
            NewLogin::Email(email) => ("e-mail", email),
            NewLogin::Agent(name) => ("name", name),
        };
        check_name(name.0, name.1, &self.hub.limits)?;
        if self.hub.rules.rate_limits && !by_admin {
            self.hub.rates.registration(self.caller.address, self.hub.now())?;
        }
        // The store decides in the end; asking first saves the hash.
        if self.hub.store.account_by_login(name.1).await?.is_some() {
            return Err(Error::conflict(format!("this {} is taken, choose another or log in", name.0)));
        }
        let account = new_account(login, self.hub.passwords.hash(password).await?)?;
        let secret = account.agent_secret.clone();
        let events = self.append(Change::Register(Box::new(account))).await?;
        let joined = |body: &Body| if let Body::UserJoined(user) = body { Some(user.clone()) } else { None };
        let user = said(&events, joined)?;
        if let Some(secret) = secret {
            self.hub.keyring.add(user.id, &secret);
        }
        Ok(Answer::User(self.with_status(user)))
    }

    pub(super) async fn log_in(&self, login: &str, password: &Secret) -> Result<Answer, Error> {
        let account = self.hub.store.account_by_login(login).await?;
        let attempt = self.attempt(match &account {
            Some(account) => rates::Account::Known(account.user.id),
            None => rates::Account::unknown(login),
        })?;
        // Without an account it takes as long, and says the same: nobody learns which names there are.
        let hash = account.as_ref().and_then(|account| account.password.clone());
        let matches = self.hub.passwords.matches(password, hash).await?;
        let account = account
            .filter(|account| matches && !account.user.disabled)
            .ok_or_else(|| Error::unauthenticated("wrong username or password"))?;
        self.succeeded(attempt.as_ref());
        self.sign_in(account, None)
    }

    /// Begins to check a password; counts as failed until [`Asker::succeeded`].
    fn attempt(&self, account: rates::Account) -> Result<Option<Attempt>, Error> {
        let counts = self.hub.rules.rate_limits;
        counts.then(|| self.hub.rates.login(account, self.caller.address, self.hub.now())).transpose()
    }

    fn succeeded(&self, attempt: Option<&Attempt>) {
        if let Some(attempt) = attempt {
            self.hub.rates.login_succeeded(attempt);
        }
    }

    /// A fresh token for an account, for `ttl` or the house's own time.
    fn sign_in(&self, account: Account, ttl: Option<Duration>) -> Result<Answer, Error> {
        let ttl = ttl.unwrap_or(self.hub.rules.token_ttl);
        let (token, expires_at) =
            self.hub.tokens.issue(&account.user, account.token_generation, self.hub.now(), ttl)?;
        let admin = self.hub.directory.is_admin(account.user.id);
        let user = self.with_status(account.user);
        Ok(Answer::SignedIn(Box::new(SignedIn { token, expires_at, user, email: account.email, admin })))
    }

    pub(super) async fn renew_token(&self) -> Result<Answer, Error> {
        let account = self.own_account().await?;
        self.sign_in(account, None)
    }

    async fn own_account(&self) -> Result<Account, Error> {
        let user = self.user()?;
        let account = self.hub.store.account(user).await?;
        account.ok_or_else(|| Error::unauthenticated("the account is gone, register again"))
    }

    pub(super) async fn change_password(
        &self,
        old: Option<Secret>,
        new: &Secret,
        end_tokens: bool,
    ) -> Result<Answer, Error> {
        let user = self.user()?;
        if let Some(old) = old {
            self.must_match(&old).await?;
        }
        let password = self.hub.passwords.hash(new).await?;
        self.append(Change::SetPassword { user, password, end_tokens }).await?;
        Ok(Answer::Done)
    }

    async fn must_match(&self, password: &Secret) -> Result<(), Error> {
        let account = self.own_account().await?;
        // A stolen token must not be a way to try passwords.
        let attempt = self.attempt(rates::Account::Known(account.user.id))?;
        if !self.hub.passwords.matches(password, account.password).await? {
            return Err(Error::forbidden("the old password is wrong"));
        }
        self.succeeded(attempt.as_ref());
        Ok(())
    }

    pub(super) async fn set_password(&self, user: Id, password: &Secret) -> Result<Answer, Error> {
        self.must_be_admin()?;
        let password = self.hub.passwords.hash(password).await?;
        // Whoever has the old one is to be kept out.
        self.append(Change::SetPassword { user, password, end_tokens: true }).await?;
        Ok(Answer::Done)
    }

    pub(super) async fn set_disabled(&self, user: Id, disabled: bool) -> Result<Answer, Error> {
        let _turn = self.hub.admins.lock().await;
        self.must_be_admin()?;
        if disabled {
            self.must_keep_an_admin(Loss::User(user))?;
        }
        self.append(Change::SetDisabled { user, disabled }).await?;
        Ok(Answer::Done)
    }

    pub(super) async fn issue_token(&self, username: &str, ttl: Option<Duration>) -> Result<Answer, Error> {
        self.must_be_admin()?;
        if ttl.is_some_and(|ttl| ttl.as_secs() == 0) {
            return Err(Error::bad_message("a token must hold for a second at least"));
        }
        let nobody = || Error::not_found(format!("no user is called {username}"));
        let user = self.hub.directory.user_named(username).ok_or_else(nobody)?;
        let account = self.hub.store.account(user.id).await?.ok_or_else(nobody)?;
        if account.user.disabled {
            return Err(Error::conflict("the account is disabled, enable it first"));
        }
        self.sign_in(account, ttl)
    }
}
