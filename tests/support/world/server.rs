//! The token server.

use std::rc::Rc;

use authframe::session::{AcquireFailure, AcquireReason, Acquired, Grant, SubjectTag};

use super::{ACCOUNTS, Family, LIFE, World, grant};

impl World {
    fn new_token(&mut self, family: usize) -> u32 {
        self.tokens += 1;
        Rc::make_mut(&mut self.family_of).insert(self.tokens, family);
        Rc::make_mut(&mut self.families)[family].valid = self.tokens;
        self.tokens
    }

    pub(super) fn new_grant(&mut self, who: u8) -> Grant {
        let families = Rc::make_mut(&mut self.families);
        families.push(Family { who, ..Family::default() });
        let family = families.len() - 1;
        let token = self.new_token(family);
        self.fresh(who, token)
    }

    fn fresh(&self, who: u8, token: u32) -> Grant {
        grant(who, Some(token), self.wall() + LIFE as f64)
    }

    fn renew(&mut self, token: u32) -> Acquired {
        let family = self.family_of[&token];
        let Family { who, valid, revoked } = self.families[family];
        if revoked {
            Err(AcquireFailure::Refused)
        } else if valid == token {
            let token = self.new_token(family);
            Ok(Rc::new(self.fresh(who, token)))
        } else if self.rules.strict {
            self.harm = true;
            Rc::make_mut(&mut self.families)[family].revoked = true;
            Err(AcquireFailure::Refused)
        } else {
            Ok(Rc::new(self.fresh(who, valid)))
        }
    }

    // What the server says to a request, if it says anything.
    pub(super) fn serve(&mut self, tab: usize) {
        let Some(request) = self.tabs[tab].request.clone() else { return };
        let reply = match (request.reason, request.token) {
            (AcquireReason::Refresh, Some(token)) => self.renew(token),
            (AcquireReason::SignIn, _) => Ok(Rc::new(self.new_grant(request.who.unwrap_or(0)))),
            // A silent sign-in with a cookie of the server: the user whom the tab believes to be signed in.
            _ => {
                let tag = self.tabs[tab].cache.map(|snapshot| snapshot.subject_tag).unwrap_or_default();
                let who = (0..2_u8).find(|who| SubjectTag::new(tag.salt, ACCOUNTS[usize::from(*who)]) == tag);
                who.map(|who| Rc::new(self.new_grant(who))).ok_or(AcquireFailure::NoUser)
            }
        };
        if let Some(request) = self.slot(tab).request.as_mut() {
            request.reply = Some(reply);
        }
    }

    pub(super) fn reply(&mut self, tab: usize, reply: Acquired) {
        if matches!(reply, Err(AcquireFailure::Failed | AcquireFailure::Later(_))) {
            self.excuse(tab);
        }
        if let Some(request) = self.slot(tab).request.take() {
            self.slot(tab).storing = request.token;
            self.enter(tab, |session, now| session.handle_acquired(now, request.id, reply));
        }
    }
}
