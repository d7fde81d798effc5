//! What `js/ethora/backend.ts` is built on: one function, JSON in and JSON out. Conversion, no decision.

mod arguments;
mod bodies;
mod calls;
mod original;
mod replies;

use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::Error;
use arguments::{Arguments, Misuse};

/// Takes `{"call", "options", "app", "now", "arguments"}`: the name of a call, the options of `ethoraBackend`, the app whose paths are meant if that is another one, milliseconds since
/// 1970, and the arguments by their names. Answers `{"ok": …}` or `{"error": {"code", "responsible", "message"}}`; `CALL_INVALID` names the argument.
#[allow(unreachable_pub)] // wasm-bindgen wants it
#[wasm_bindgen]
pub fn call(asked: &str) -> String {
    let failed =
        |code: &str, responsible: &str, message: &str| json!({"error": {"code": code, "responsible": responsible, "message": message}});
    match read(asked) {
        Ok(value) => json!({"ok": value}),
        Err(Misuse::Refused(error)) => failed(error.code(), error.responsible(), error.message()),
        Err(Misuse::RefusedEntry(name, error)) => failed(error.code(), error.responsible(), &format!("{name}: {}", error.message())),
        Err(Misuse::Unreadable(text)) => failed(Error::ReplyInvalid.code(), Error::ReplyInvalid.responsible(), &text),
        Err(Misuse::Argument(text)) => failed("CALL_INVALID", "app", &text),
    }
    .to_string()
}

fn read(asked: &str) -> Result<Value, Misuse> {
    let Ok(Value::Object(asked)) = serde_json::from_str(asked) else {
        return Err(Misuse::Argument("the arguments are nested too deeply".to_owned()));
    };
    calls::perform(Arguments::of(asked))
}
