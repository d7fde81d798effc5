//! No token stands in any text.

use crate::site::{Site, sealed};

#[test]
fn d20_no_token_stands_in_the_text_of_anything_that_a_refresh_brings_about() {
    let mut site = Site::new(sealed(), 2);
    for tab in site.tabs.iter_mut().flatten() {
        tab.log = Some(String::new());
    }
    site.sign_in(0, "ada");
    site.settle();
    site.refresh(0);
    site.refresh(1);
    site.sign_out(1);
    site.settle();
    for tab in site.tabs.iter().flatten() {
        let log = format!("{}{:?}{:?}{:?}", tab.log.as_ref().unwrap(), tab.session, tab.events, site.store.record);
        assert!(log.contains("redacted") && log.contains("CredentialStore"), "the test can see");
        assert!((1..4).all(|number| !log.contains(&format!("access {number}")) && !log.contains(&format!("refresh {number}"))), "{log}");
    }
}
