//! Ethora for backends: which tokens are taken, and why another one is not.

#![cfg(all(feature = "ethora", not(target_arch = "wasm32")))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use authframe::Secret;
use authframe::ethora::{Api, App, Bearer, Error, SigningKey, VerifiedToken};
use serde_json::Value;

const NOW: u64 = 1_700_000_100;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/ethora/tokens.json")).unwrap()
}

fn app() -> App {
    App::new("123", Secret::new("test-secret-not-real-0123456789abcdef".to_owned())).unwrap()
}

fn good() -> String {
    app().client_token("u1", NOW, Some(NOW + 300)).unwrap().expose().clone()
}

#[test]
fn each_token_of_the_vectors_is_taken_and_says_what_it_was_made_of() {
    for entry in vectors()["tokens"].as_array().unwrap() {
        let (subject, iat, exp) = (entry["subject"].as_str().map(ToOwned::to_owned), entry["iat"].as_u64(), entry["exp"].as_u64());
        let (bearer, key) = match entry["kind"].as_str().unwrap() {
            "flat" => (Bearer::Email(subject.unwrap()), SigningKey::Secret),
            "nested" => (Bearer::User(subject.unwrap()), SigningKey::Derived),
            "server" => (Bearer::Server(subject), SigningKey::Derived),
            other => panic!("{other}"),
        };
        let expected = VerifiedToken { bearer, key, issued_at: iat, expires_at: exp };
        assert_eq!(app().verify(entry["token"].as_str().unwrap(), NOW), Ok(expected), "{entry}");
    }
}

#[test]
fn e2_white_space_and_the_prefix_jwt_are_no_part_of_a_token() {
    let token = good();
    for around in [format!("{token}\n"), format!(" \t{token}\r\n"), format!("JWT {token}"), format!("\nJWT  {token} ")] {
        assert_eq!(app().verify(&around, NOW).unwrap().bearer, Bearer::User("u1".to_owned()));
        // Nor of one that a request carries.
        let request = Api::new(Api::BASE, "123").unwrap().delete_chat(&Secret::new(around), "c1").unwrap();
        assert_eq!(request.headers[1], ("x-custom-token".to_owned(), token.clone()));
    }
}

/// Tokens that the vectors' script has made with Node's crypto, each of them wrong in one thing.
#[test]
fn what_is_wrong_with_a_token_is_named() {
    let vectors = vectors();
    let wrong = vectors["wrong"].as_array().unwrap();
    let mut codes: Vec<&str> = Vec::new();
    for entry in wrong {
        let (token, code) = (entry["token"].as_str().unwrap(), entry["code"].as_str().unwrap());
        assert_eq!(app().verify(token, NOW).map_err(Error::code), Err(code), "{entry}");
        codes.push(code);
    }
    for error in Error::ALL.iter().filter(|error| error.code().starts_with("JWT_")) {
        assert!(codes.contains(&error.code()), "{error:?} has no test");
    }
}

#[test]
fn a_token_of_another_secret_or_a_changed_one_is_none_of_this_app() {
    let other = App::new("123", Secret::new("another".to_owned())).unwrap();
    assert_eq!(other.verify(&good(), NOW), Err(Error::JwtSignature));
    let token = good();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let of_another = app().client_token("u2", NOW, Some(NOW + 300)).unwrap();
    let (changed, _) = of_another.expose().rsplit_once('.').unwrap();
    assert_eq!(app().verify(&format!("{changed}.{signature}"), NOW), Err(Error::JwtSignature));
    assert_eq!(app().verify(&format!("{signed}."), NOW), Err(Error::JwtSignature));
    assert_eq!(app().verify(&"a".repeat(16_385), NOW), Err(Error::JwtMalformed));
}
