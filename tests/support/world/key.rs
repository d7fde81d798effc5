//! What distinguishes one state of the world from another.

use std::collections::hash_map::DefaultHasher;
use std::fmt::{self, Write};
use std::hash::Hasher;
use std::rc::Rc;

use super::{Phase, Slot, World, number};

impl World {
    /// What distinguishes this world from others.
    pub(crate) fn key(&mut self) -> u64 {
        let mut sink = Sink::new();
        for slot in &mut self.tabs {
            if slot.key == 0 {
                let key = slot.compute();
                Rc::make_mut(slot).key = key;
            }
            sink.hasher.write_u64(slot.key);
        }
        let credential = self.credential.as_ref().and_then(number);
        let _ = write!(
            sink,
            "{:?} {:?} {credential:?} {:?} {:?} {:?} {:?} {} {:?}",
            self.shared_record,
            self.record,
            self.lock,
            self.families,
            self.sent,
            self.tokens,
            self.now,
            (self.harm, self.unprotected, self.jump, &self.hosts)
        );
        sink.hasher.finish()
    }
}

impl Slot {
    fn compute(&self) -> u64 {
        let mut sink = Sink::new();
        let request = self.request.as_ref().map(|request| {
            (request.reason, request.who, request.token, request.reply.as_ref().map(|reply| reply.as_ref().map(|grant| number(grant)).ok()))
        });
        let phase = match &self.phase {
            Phase::Waiting => None,
            Phase::Locked(lock) => Some((Some(*lock), None)),
            Phase::Written(result) => Some((None, Some(result.as_ref().map(|grant| grant.as_ref().map(number)).ok()))),
        };
        let _ = write!(
            sink,
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            self.name,
            self.frozen,
            self.hidden,
            self.denied,
            phase,
            request,
            self.storing,
            self.cache,
            self.outbox,
            self.coming,
            self.before,
            self.unconfirmed,
            self.wanted,
            self.out,
            self.queue.len(),
            self.written.len(),
        );
        for task in &self.queue {
            let _ = write!(sink, "{}{:?}{:?}", self.last_task.wrapping_sub(task.id), task.task, task.credential.as_ref().map(number));
        }
        if let Some(session) = &self.session {
            let _ = write!(sink, "{session:?}");
        }
        sink.hasher.finish().max(1)
    }
}

/// Hashes the text of a session as it comes, without what makes no difference: the dice, the limits, the configuration, and from where its numbers count.
struct Sink {
    hasher: DefaultHasher,
    skip: Option<usize>,
    name: Option<&'static str>,
}

const SKIPPED: [&str; 8] = ["config", "dice", "window_rate", "port_rate", "rejected", "acquires", "last_task", "wall_lead"];

impl Sink {
    fn new() -> Self {
        Self { hasher: DefaultHasher::new(), skip: None, name: None }
    }
}

impl Write for Sink {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if let Some(depth) = &mut self.skip {
            match piece {
                " { " | "(" | "[" | "{" => *depth += 1,
                ", " | " }" | ")" | "]" | "}" if *depth == 0 => self.skip = None,
                " }" | ")" | "]" | "}" => *depth -= 1,
                _ => {}
            }
            return Ok(());
        }
        if piece == ": " {
            if let Some(name) = self.name.take() {
                self.skip = Some(0);
                self.hasher.write(name.as_bytes());
            }
            return Ok(());
        }
        self.name = SKIPPED.into_iter().find(|name| *name == piece);
        if self.name.is_none() {
            self.hasher.write(piece.as_bytes());
        }
        Ok(())
    }
}
