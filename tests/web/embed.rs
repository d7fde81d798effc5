//! The embedding page's half. That it connects is shown by tests/e2e.

use std::time::Duration;

use authframe::host::{EmbedOptions, Widget};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::peer::container;

#[wasm_bindgen_test]
async fn a_widget_that_never_answers_is_a_typed_error_and_leaves_nothing() {
    let container = container();
    let options = EmbedOptions::new(&container).src("/nowhere").title("Nowhere").timeout(Duration::from_millis(200));
    let error = Widget::embed(options).await.err().unwrap();
    assert_eq!(error.code(), "HANDSHAKE_TIMEOUT", "{error}");
    assert_eq!(container.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn what_is_wrong_with_an_option_of_a_page_is_said() {
    let container = container();
    let error = Widget::embed(EmbedOptions::new(&container).src("/").origin("nowhere")).await.err().unwrap();
    assert_eq!(error.code(), "CONFIG_ORIGIN_INVALID", "{error}");
    let error = Widget::embed(EmbedOptions::new(&container).src("/").timeout(Duration::ZERO)).await.err().unwrap();
    assert_eq!(error.code(), "CONFIG_INVALID", "{error}");
}
