//! The embedding page's half. That it connects is shown by tests/e2e.

use std::pin::pin;
use std::time::Duration;

use authframe::host::{EmbedOptions, Widget};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{grant, turn};
use crate::futures::is_pending;
use crate::page::window;
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

#[wasm_bindgen_test]
async fn every_option_is_taken_from_a_clone_that_changes_nothing() {
    let container = container();
    let options = EmbedOptions::new(&container)
        .src("/nowhere")
        .origin(&window().location().origin().unwrap())
        .id("all-options")
        .title("All")
        .allow("microphone")
        .sandbox("allow-scripts allow-same-origin")
        .identity(&grant("ada"))
        .on_sign_in_request(|| async { Ok(None) })
        .timeout(Duration::from_millis(200))
        .channel("c");
    let _: EmbedOptions = options.clone().title("Another").allow_opaque_origin(true);
    let mut widget = pin!(Widget::embed(options.clone()));
    assert!(is_pending(widget.as_mut()).await);
    turn().await;
    let frame = container.first_element_child().unwrap();
    for (name, value) in [("id", "all-options"), ("title", "All"), ("allow", "microphone"), ("sandbox", "allow-scripts allow-same-origin")]
    {
        assert_eq!(frame.get_attribute(name).as_deref(), Some(value));
    }
    assert_eq!(widget.await.err().unwrap().code(), "HANDSHAKE_TIMEOUT");
    assert!(!format!("{options:?}").contains("taint-token"));
}
