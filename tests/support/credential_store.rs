//! The credential store that the shell keeps beside a session.

use authframe::session::{Found, Grant, Kept, Lock, StoreFailure, Task};
use serde_json::{Value, json};

use super::json::{JsonDecoder, to_value};
use super::tab::Tab;

/// What the session wants of the credential store.
#[derive(Clone, Debug)]
pub(crate) struct StoreTask {
    pub(crate) id: u32,
    pub(crate) task: Task,
    pub(crate) credential: Option<Grant>,
}

/// The credential store as the shell keeps it: a record as it is stored, and the credential, which is sealed there and plain here. A transaction is one call.
#[derive(Clone, Debug)]
pub(crate) struct CredentialStore {
    /// Whether there is one.
    pub(crate) there: bool,
    pub(crate) record: Option<Value>,
    pub(crate) credential: Option<Grant>,
    /// Whether the credential can be decrypted.
    pub(crate) damaged: bool,
    /// Which tab has the Web Lock, by the place that the test gives it; `None` where no tab has it.
    pub(crate) lock: Lock,
    pub(crate) writes: usize,
}

impl CredentialStore {
    pub(crate) const fn new() -> Self {
        Self { there: true, record: None, credential: None, damaged: false, lock: Lock::Unsupported, writes: 0 }
    }

    /// Runs a task's transaction, and gives what the shell would read in it.
    pub(crate) fn transact(&mut self, tab: &mut Tab, task: &StoreTask) -> Result<Option<Grant>, StoreFailure> {
        let found = match &self.record {
            _ if !self.there => Found::NoStore,
            record => Found::read(record.clone().map(JsonDecoder).as_ref()),
        };
        let lock = if matches!(task.task, Task::Take { .. }) { self.lock } else { Lock::Unsupported };
        if let Some(record) = tab.session.handle_store_found(tab.now, task.id, lock, &found) {
            self.writes += 1;
            match record.credential {
                Kept::Nothing => self.credential = None,
                Kept::New => self.credential.clone_from(&task.credential),
                Kept::Same => {}
            }
            let mut value = to_value(&record);
            // As in the shell: there is one, or there is none.
            value["credential"] = json!(u32::from(record.credential != Kept::Nothing));
            self.record = Some(value);
        }
        if self.damaged && matches!(task.task, Task::Look | Task::Take { .. }) {
            return Err(StoreFailure::Damaged);
        }
        Ok(self.credential.clone())
    }

    /// Who has the lease.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.record.as_ref()?["lease"]["owner"].as_str()
    }
}
