//! The ends of a line: given up, signed out, handed over, or stopped by an error.

use super::super::LineError;
use super::super::registrar::OtherDevice;
use super::attempt::Attempt;
use super::flight::{Kind, Token};
use super::{Event, Line, Lost, Phase, Status, Then};
use crate::session::Millis;

impl Line {
    /// Gives the line up. What was under way ends; a device that it still makes is removed.
    pub fn deregister(&mut self, now: Millis) {
        let registering = self.flight.as_ref().is_some_and(|flight| flight.kind == Kind::Register && flight.token != Token::Renewing);
        match &mut self.phase {
            Phase::Idle | Phase::Leaving(Then::Stay) => return,
            Phase::Leaving(then) => *then = Then::Stay,
            Phase::Registered { .. } => {
                self.drop_flight();
                self.phase = Phase::Leaving(Then::Stay);
                self.remove(now, Kind::Leave);
            }
            Phase::Trying(_) if registering => self.phase = Phase::Leaving(Then::Stay),
            Phase::Trying(_) | Phase::Stopped { .. } => {
                self.drop_flight();
                self.phase = Phase::Idle;
            }
        }
        self.forget();
        self.unregistered(None);
    }

    /// As in the SDK: while its listeners are called the line is inactive, and then as if it had never been.
    fn unregistered(&mut self, lost: Option<Lost>) {
        self.status = Status::Inactive;
        self.emit(Event::Unregistered(lost));
        self.status = Status::Idle;
    }

    /// The user has left: nothing more is sent, and nothing of them is remembered.
    pub fn sign_out(&mut self) {
        let had_line = !matches!(self.phase, Phase::Idle | Phase::Leaving(Then::Stay));
        self.stop();
        self.device = None;
        self.forget();
        if had_line {
            self.unregistered(Some(Lost::SignedOut));
        }
    }

    /// The provider has ended the user's session: as the vendor's guide has it, an error before the line is lost; then as [`Line::sign_out`].
    pub fn token_ended(&mut self) {
        if matches!(self.phase, Phase::Trying(_) | Phase::Registered { .. }) {
            self.emit(Event::Error(LineError::of(401, None)));
        }
        self.sign_out();
    }

    /// Ends without an event: another tab goes on with what was saved.
    pub fn stop(&mut self) {
        self.drop_flight();
        self.phase = Phase::Idle;
        self.status = Status::Idle;
    }

    /// Our own device is gone.
    pub(super) fn left(&mut self, now: Millis) {
        if let Phase::Leaving(then) = self.phase {
            self.phase = Phase::Idle;
            if then == Then::Register {
                self.begin(now, Attempt::default());
            }
        }
    }

    /// Nothing more until `register`.
    pub(super) fn fail(&mut self, instead_of: Option<Box<OtherDevice>>) {
        self.status = Status::Inactive;
        self.phase = Phase::Stopped { instead_of };
        self.forget();
    }
}
