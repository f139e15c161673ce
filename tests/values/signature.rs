//! Ed25519 over streams (RFC 8032), and the hazard of signing twice what is not the same.

use std::cell::Cell;

use nexy_release::release::signature::{PrivateKey, PublicKey, Signature};

/// RFC 8032, 7.1, test 3: two bytes, in base64.
const SEED: &str = "xaqN9D+fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc=";
const PUBLIC: &str = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=";
const SIGNATURE: &str = "YpHWV97sJAJIJ+acOr4BowzlSKKEdDpEXjaA19taw6wY/5tTjRbykK5n92CYTcZZSnwV6XFu0o3AJ77O6h7ECg==";
const MESSAGE: [u8; 2] = [0xaf, 0x82];

fn holds(message: &[u8], signature: &str, key: &str) -> bool {
    let signature = Signature::parse(signature).unwrap();
    let mut verification = PublicKey::parse(key).unwrap().verify(&signature).unwrap();
    message.chunks(1).for_each(|piece| verification.update(piece));
    verification.holds()
}

#[test]
fn the_vector_of_the_rfc_is_signed_and_verified_in_pieces() {
    let key = PrivateKey::parse(SEED).unwrap();
    assert_eq!(key.public().to_string(), PUBLIC);
    let signature = key.sign(|take| {
        MESSAGE.chunks(1).for_each(&mut *take);
        true
    });
    assert_eq!(signature.unwrap().to_string(), SIGNATURE);
    assert!(holds(&MESSAGE, SIGNATURE, PUBLIC));
    assert!(!holds(&MESSAGE[..1], SIGNATURE, PUBLIC) && !holds(&[0xaf, 0x83], SIGNATURE, PUBLIC));
}

#[test]
fn a_message_that_changes_between_the_two_passes_gets_no_signature() {
    let key = PrivateKey::parse(SEED).unwrap();
    let passes = Cell::new(0);
    let signature = key.sign(|take| {
        passes.set(passes.get() + 1);
        take(&[passes.get()]);
        passes.get() == 1
    });
    assert_eq!((passes.get(), signature), (2, None));
}

#[test]
fn keys_and_signatures_have_one_form() {
    for wrong in ["", "AAAA", &SEED[..43], &format!("{SEED}{SEED}"), "not base64 at all, but of forty-four letters"] {
        assert!(PrivateKey::parse(wrong).is_none() && PublicKey::parse(wrong).is_err(), "{wrong}");
        assert!(Signature::parse(wrong).is_none(), "{wrong}");
    }
    assert!(Signature::parse(&SIGNATURE[..87]).is_none() && Signature::parse(&format!("{SIGNATURE}\n")).is_some());
    assert!(!format!("{:?}", PrivateKey::parse(SEED)).contains("197"), "a key is never shown");
}
