//! From `register` until a registrar has made a device: the registrars one after the other, and the place of another device.

use super::super::registrar::{self, Answer, Named, OtherDevice};
use super::super::registrars::Queue;
use super::super::{DeviceLimit, LineError};
use super::attempt::{Attempt, First, Place};
use super::failback::{MOST_PUT_OFF, whole_minutes};
use super::flight::{Flight, Kind};
use super::{Connection, Event, Line, Phase, REHOMING, Status, Then, error_of, not_sooner};
use crate::session::Millis;

impl Line {
    /// Registers. Where it is registered, `registered` is emitted again; where it is being registered, nothing is done twice.
    pub fn register(&mut self, now: Millis) {
        match &mut self.phase {
            Phase::Registered { .. } => self.emit(Event::Registered),
            Phase::Trying(_) => self.emit(Event::Connecting),
            Phase::Leaving(then) => {
                *then = Then::Register;
                self.emit(Event::Connecting);
            }
            Phase::Idle | Phase::Stopped { .. } => {
                self.emit(Event::Connecting);
                self.begin(now, Attempt::default());
            }
        }
        self.advance(now);
    }

    /// Registers in the place of another device: after the device limit was reported, of the one that was named first. Else as [`Line::register`].
    pub fn take_over(&mut self, now: Millis) {
        let Phase::Stopped { instead_of: Some(other) } = self.phase.clone() else { return self.register(now) };
        self.emit(Event::Connecting);
        self.begin(now, Attempt::default());
        self.replace(now, &other);
    }

    /// Begins with the primary registrars, or with those that are queued.
    pub(super) fn begin(&mut self, now: Millis, mut attempt: Attempt) {
        self.status = Status::Inactive;
        if attempt.queue.is_empty() {
            attempt.queue = self.registrars.primaries();
        }
        attempt.at = Some(not_sooner(now, self.began));
        self.save_attempt(&attempt);
        self.phase = Phase::Trying(attempt);
    }

    /// To the next registrar of the queue.
    pub(super) fn next(&mut self, now: Millis) {
        let Phase::Trying(attempt) = &mut self.phase else { return };
        match attempt.queue.pop() {
            Some(registrar) => {
                let url = registrar::joined(&[self.registrars.base(registrar), "device"]);
                self.send(now, Kind::Register, registrar, url);
            }
            None => self.exhausted(now),
        }
    }

    pub(super) fn register_answered(&mut self, now: Millis, flight: &Flight, mut reply: Answer) {
        let made = match std::mem::take(&mut reply.device) {
            Named::Made(device) if matches!(reply.status, 200..=299) => {
                registrar::device_at(&self.registrars, self.registrars.base(flight.registrar), device)
            }
            other => {
                reply.device = other;
                None
            }
        };
        let in_time = matches!(self.phase, Phase::Trying(_));
        match made {
            Some(device) => {
                self.device = Some(device);
                if in_time { self.registered(now) } else { self.remove(now, Kind::Leave) }
            }
            None if in_time => self.register_failed(now, flight, reply),
            None => self.left(now),
        }
    }

    fn registered(&mut self, now: Millis) {
        let (Some(device), Phase::Trying(attempt)) = (&self.device, &self.phase) else { return };
        let (interval, back_in) = (device.interval(), attempt.back_in);
        let minutes = |given: Option<f64>, default: u64| given.map_or(default, whole_minutes);
        let failback_at = if self.registrars.is_primary(&device.base) {
            self.rehoming = (minutes(device.rehoming_interval_min, REHOMING.0), minutes(device.rehoming_interval_max, REHOMING.1));
            self.put_off = 0;
            None
        } else {
            Some(back_in.map_or_else(|| self.failback_at(now), |wait| now.saturating_add(wait)))
        };
        self.status = Status::Active;
        (self.missed, self.connection) = (0, Connection::Connected);
        self.phase = Phase::Registered { keepalive_at: now.saturating_add(interval), failback_at };
        self.save_registered();
        self.emit(Event::Registered);
    }

    fn register_failed(&mut self, now: Millis, flight: &Flight, reply: Answer) {
        let Phase::Trying(attempt) = &mut self.phase else { return };
        let error = error_of(&reply);
        if self.offline && reply.status == 0 {
            // No registrar has seen it: it is sent again when there is a network.
            attempt.queue.again(flight.registrar);
            attempt.at = Some(now);
            return;
        }
        attempt.since.get_or_insert(now);
        let first = std::mem::take(&mut attempt.first);
        match (error.status, error.error_code) {
            (403, Some(101)) => return self.too_many_devices(now, error, reply.device),
            // It is for the one that is registered to say so.
            (409, _) => {}
            (429, _) => {
                if first == First::Previous {
                    return self.previous_is_busy(now, flight.registrar, reply.retry_after);
                }
                if attempt.left.is_some() {
                    self.put_off = self.put_off.saturating_add(1);
                    if self.put_off > MOST_PUT_OFF {
                        self.put_off = 0;
                    } else {
                        attempt.back_in = Some(self.dice.wait(self.put_off));
                        attempt.queue = Queue::default();
                    }
                }
                attempt.retry_after = attempt.retry_after.max(reply.retry_after);
            }
            _ if error.is_fatal => {
                self.emit(Event::Error(error));
                return self.fail(None);
            }
            _ => self.emit(Event::Unregistered(None)),
        }
        self.next(now);
    }

    fn too_many_devices(&mut self, now: Millis, error: LineError, device: Named) {
        let oldest = match device {
            Named::Other(other) if registrar::base_of(&self.registrars, &other).is_some() => Some(other),
            _ => None,
        };
        let Phase::Trying(attempt) = &mut self.phase else { return };
        if self.rules.device_limit == DeviceLimit::Report && attempt.place == Place::Own {
            self.emit(Event::Error(error));
            return self.fail(oldest);
        }
        match oldest {
            Some(other) if attempt.place == Place::Own => self.replace(now, &other),
            _ => {
                attempt.queue = Queue::default();
                self.emit(Event::Unregistered(None));
                self.exhausted(now);
            }
        }
    }

    /// Removes that device, and registers where it was.
    fn replace(&mut self, now: Millis, other: &OtherDevice) {
        let Some(base) = registrar::base_of(&self.registrars, other) else { return };
        if let Phase::Trying(attempt) = &mut self.phase {
            let (registrar, url) = (self.registrars.find(base), registrar::address_of(base, &other.device_id));
            (attempt.at, attempt.place, attempt.queue) = (None, Place::OfAnother, Queue::only(registrar));
            self.began = Some(now);
            let device_url = other.client_device_uri.clone().filter(|url| registrar::is_device_url(url));
            self.send_for(now, Kind::Replace, registrar, url, device_url);
        }
    }

    /// The other device is gone, or the registrar has said something else of it.
    pub(super) fn replaced(&mut self, now: Millis) {
        self.emit(Event::Unregistered(None));
        self.next(now);
    }
}
