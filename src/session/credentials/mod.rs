//! What makes a sign-in last: expiry, refresh, and the store in which credentials survive a reload.

mod queue;
pub(super) mod refresh;
mod store;

pub(super) use queue::{PendingTask, Upkeep};
pub use store::{Answer, Found, Kept, LEASE, Lease, Lock, StoreRecord, Task};
