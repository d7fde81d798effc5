//! `js/shared/words.ts`, which holds for TypeScript what Rust and TypeScript both say, is made here.
//!
//! A word or a text has changed: `npm run words`.

// The default features are all that have words.
#![cfg(all(not(target_arch = "wasm32"), feature = "default"))]
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use authframe::dialect::KINDS;
use authframe::session::{
    AcquireFailure, AcquireReason, AuthStatus, ConnectionState, Content, Credentials, Error, Fence, Kept, Lock, Reason, RefreshOutcome,
    StorageTier, StoreFailure, Task, Urgency,
};

/// The formatter of `js/` breaks a longer line.
const WIDTH: usize = 140;

/// A list of words, and the type of them.
fn list(out: &mut String, about: &str, name: &str, kind: &str, words: &[&str]) {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    let line = format!("export const {name} = [{}] as const;", quoted.join(", "));
    let line = if line.len() <= WIDTH { line } else { format!("export const {name} = [\n  {},\n] as const;", quoted.join(",\n  ")) };
    write!(out, "\n/** {about} */\n{line}\nexport type {kind} = (typeof {name})[number];\n").unwrap();
}

macro_rules! words {
    ($type:ty) => {
        &<$type>::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()
    };
}

fn generated() -> String {
    let mut out = String::from(
        "/** What Rust and TypeScript both say: made of src/session/words.rs, reason.rs, error.rs and the dialects by `npm run words`. Do not edit it. */\n",
    );
    list(&mut out, "Whether a user is signed in.", "STATUSES", "AuthStatus", words!(AuthStatus));
    list(&mut out, "Why the status is what it is.", "REASONS", "SessionReason", words!(Reason));
    list(&mut out, "How the widget stands with the host.", "CONNECTION_STATES", "ConnectionState", words!(ConnectionState));
    list(&mut out, "Why the application is asked for an account.", "ACQUIRE_REASONS", "AcquireReason", words!(AcquireReason));
    list(&mut out, "Why it gave none.", "ACQUIRE_FAILURES", "AcquireFailure", &AcquireFailure::WORDS);
    list(&mut out, "Where tokens are kept.", "CREDENTIAL_POLICIES", "CredentialPolicy", words!(Credentials));
    list(&mut out, "What hosts speak.", "DIALECT_KINDS", "DialectKind", &KINDS.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    list(&mut out, "Where the shared record is kept.", "STORAGE_TIERS", "StorageTier", words!(StorageTier));
    list(&mut out, "What is to be done with the credential store.", "STORE_TASKS", "StoreTask", &Task::WORDS);
    list(&mut out, "Whether this tab holds the Web Lock of its namespace.", "STORE_LOCKS", "StoreLock", words!(Lock));
    list(&mut out, "Which credential is written with a record of the store.", "KEPT", "Kept", words!(Kept));
    list(&mut out, "Why a task was not done.", "STORE_FAILURES", "StoreFailure", words!(StoreFailure));

    out.push_str("\n/** The errors of the core: what is wrong and what to do, and who is responsible. */\nexport const CORE_ERRORS = {\n");
    for error in Error::ALL {
        write!(out, "  {}: {{\n    text: {:?},\n    responsible: {:?},\n  }},\n", error.code(), error.message(), error.responsible())
            .unwrap();
    }
    out.push_str("} as const;\nexport type CoreCode = keyof typeof CORE_ERRORS;\n");
    out
}

#[test]
fn typescript_has_the_words_of_rust() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/shared/words.ts");
    let generated = generated();
    if std::env::var_os("AUTHFRAME_WRITE_WORDS").is_some() {
        std::fs::write(&file, &generated).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == generated, "js/shared/words.ts is stale: run `npm run words` and commit what it has written");
}

#[test]
fn every_word_is_read_back() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_word(reason.as_str()), Some(*reason));
    }
    for word in AcquireFailure::WORDS {
        assert!(AcquireFailure::from_word(word, 0).is_some(), "{word}");
    }
    let tasks = [
        Task::Look,
        Task::Take { urgency: Urgency::Patient },
        Task::Renew,
        Task::Release { outcome: RefreshOutcome::Known, pause: None },
        Task::Keep { content: Content::Nothing, fence: Fence::Open, pause: None },
    ];
    assert_eq!(tasks.map(|task| task.as_str()), Task::WORDS);
}
