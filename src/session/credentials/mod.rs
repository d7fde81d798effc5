//! What makes a sign-in last: expiry, refresh, and the store in which credentials survive a reload.

mod queue;
mod refresh;
mod store;

pub(super) use queue::{Done, Outcome, StoreQueue};
pub(super) use refresh::{Brought, Moment, Refresh, Step, TokenSource};
pub use store::{
    Answer, Content, Fence, Found, Kept, LEASE, Lease, Liveness, Lock, RefreshOutcome, StoreFailure, StoreRecord, Task, Urgency,
};
