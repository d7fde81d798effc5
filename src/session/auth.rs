//! What this tab itself holds: the status as it is, and the credential.

use std::rc::Rc;
use std::sync::Arc;

use super::{AuthStatus, Error, Grant, Millis, Move, Reason, SessionView, Snapshot, Timestamp};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Auth {
    pub status: AuthStatus,
    pub reason: Reason,
    pub grant: Option<Rc<Grant>>,
    /// When its access token expires, by our clock.
    pub until: Option<Millis>,
}

impl Auth {
    pub(super) const fn new() -> Self {
        Self { status: AuthStatus::Unknown, reason: Reason::Starting, grant: None, until: None }
    }

    /// Makes a move, if it is legal.
    pub(super) fn shift(&mut self, by: Move, reason: Reason) -> Result<(), Error> {
        self.status = by.from(self.status)?;
        self.reason = reason;
        Ok(())
    }

    /// What is held by the user who is signed in here.
    pub(super) fn held(&self) -> Option<&Rc<Grant>> {
        self.grant.as_ref().filter(|_| self.status == AuthStatus::Authorized)
    }

    /// Whether the token has not expired.
    pub(super) fn is_good(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| until > now)
    }

    /// Expiry by this browser's own clock, whatever the server's says; a refresh token stays until there is another.
    pub(super) fn local(&self, wall: f64, grant: &Grant) -> Rc<Grant> {
        let held = self.grant.as_ref().filter(|held| held.account.subject() == grant.account.subject());
        Rc::new(Grant {
            account: Arc::clone(&grant.account),
            access_token: grant.access_token.clone(),
            expires_at: grant.life(wall).map(|(_, at)| at.as_f64()),
            expires_in: None,
            refresh_token: grant.refresh_token.clone().or_else(|| held?.refresh_token.clone()),
            server_time: None,
        })
    }

    /// What is shown of it. `hidden`: the page is away, for this reason.
    pub(super) fn view(&self, shared: &Snapshot, hidden: Option<Reason>) -> SessionView {
        let suspended = |reason| (Move::Suspend.from(self.status).unwrap_or(AuthStatus::Unknown), reason);
        let (status, reason) = hidden.map_or((self.status, self.reason), suspended);
        let authorized = status == AuthStatus::Authorized;
        let held = self.grant.as_ref().filter(|_| authorized);
        SessionView {
            status,
            reason,
            account: held.map(|grant| Arc::clone(&grant.account)),
            // Our own token's, if we have one.
            expires_at: held.map_or(shared.expires_at.map(Timestamp::as_f64), |grant| grant.expires_at).filter(|_| authorized),
            epoch: shared.epoch,
            sequence: shared.sequence,
            writer: shared.writer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Account, Secret};

    fn grant(refresh_token: Option<&str>) -> Grant {
        let refresh_token = refresh_token.map(|token| Secret::new(Arc::new(token.to_owned())));
        Grant { refresh_token, expires_in: Some(60.0), ..Grant::from(Account::new("ada", None).unwrap()) }
    }

    #[test]
    fn a_refresh_token_stays_until_there_is_another_of_the_same_account() {
        let mut auth = Auth::new();
        auth.grant = Some(auth.local(1000.0, &grant(Some("first"))));
        let kept = |auth: &Auth, grant: &Grant| auth.local(1000.0, grant).refresh_token.clone().map(|token| token.expose().to_string());
        assert_eq!(kept(&auth, &grant(None)).as_deref(), Some("first"));
        assert_eq!(kept(&auth, &grant(Some("second"))).as_deref(), Some("second"));
        let other = Grant { account: Arc::new(Account::new("bob", None).unwrap()), ..grant(None) };
        assert_eq!(kept(&auth, &other), None);
    }

    #[test]
    fn while_the_page_is_away_nothing_private_is_seen() {
        let mut auth = Auth::new();
        auth.grant = Some(auth.local(1000.0, &grant(None)));
        assert_eq!(auth.shift(Move::Grant, Reason::SignIn), Ok(()));
        let (seen, away) = (auth.view(&Snapshot::initial(), None), auth.view(&Snapshot::initial(), Some(Reason::Suspended)));
        assert_eq!((seen.status, seen.account.is_some(), seen.expires_at), (AuthStatus::Authorized, true, Some(61_000.0)));
        assert_eq!((away.status, away.account.is_some(), away.expires_at), (AuthStatus::Unknown, false, None));
        assert_eq!(auth.shift(Move::Begin, Reason::SignIn), Err(Error::InvalidState));
        assert_eq!(auth.reason, Reason::SignIn, "an illegal move changes nothing");
    }
}
