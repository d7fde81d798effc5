//! A bridge of a page that is not embedded, alone and beside another one.

use authframe::session::StorageTier;
use authframe::widget::{Evidence, Scope, Shares};
use authframe::{AuthStatus, ConnectionState, Reason};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{another_tab_writes, connect, grant, listen, signed_out, status, stored};

#[wasm_bindgen_test]
async fn a_page_that_is_not_embedded_stands_alone_and_says_so() {
    let bridge = connect("alone").await;
    assert_eq!(bridge.connection(), ConnectionState::Standalone);
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::Initial));
    let environment = bridge.environment().unwrap();
    assert_eq!((environment.scope, environment.evidence), (Scope::Top, Evidence::ParentIsSelf));
    assert_eq!((environment.storage, environment.shares, environment.parent), (StorageTier::Local, Shares::Origin, None));
    assert_eq!(stored("alone"), None, "no user signed in: nothing is written");
}

#[wasm_bindgen_test]
async fn two_bridges_of_different_namespaces_do_not_disturb_each_other() {
    let [one, two] = [connect("one").await, connect("two").await];
    let (views, _subscription) = listen(&two);
    one.authorize(&grant("ada")).await.unwrap();
    let out = signed_out("one");
    another_tab_writes("one", &out);
    assert_eq!(status(&one).0, AuthStatus::Unauthorized);
    assert_eq!(views.borrow().len(), 1);
    assert_eq!((status(&two), stored("two")), ((AuthStatus::Unauthorized, Reason::Initial), None));
    two.authorize(&grant("bob")).await.unwrap();
    one.close();
    assert_eq!(status(&two), (AuthStatus::Authorized, Reason::SignIn));
    let out = signed_out("two");
    another_tab_writes("two", &out);
    assert_eq!(status(&two).0, AuthStatus::Unauthorized, "the other one's close did not take its listeners");
}
