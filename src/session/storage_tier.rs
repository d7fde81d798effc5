/// Where the shared state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageTier {
    /// localStorage: other tabs learn of it, and it survives a reload.
    Local,
    /// sessionStorage: it survives a reload of this tab.
    Session,
    /// Nothing but this page's memory.
    Memory,
}
