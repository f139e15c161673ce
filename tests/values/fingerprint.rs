//! Size and SHA-256: read, printed, and made piece by piece.

use nexy_release::release::fingerprint::{Digest, Fingerprint, Hasher};

/// SHA-256 of `abc` (FIPS 180-4).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn a_digest_is_the_standards_and_prints_in_lower_case() {
    assert_eq!(Digest::of("abc").to_string(), ABC);
    assert_eq!(ABC.parse(), Ok(Digest::of("abc")));
    assert_eq!(ABC.to_uppercase().parse(), Ok(Digest::of("abc")));
    assert_eq!(format!("{:?}", Digest::of("abc")), format!("sha256:{ABC}"));
    assert_eq!(Digest::of("").to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn what_is_no_digest_is_refused() {
    let longer = format!("{ABC}0");
    let signed = format!("+{}", &ABC[1..]);
    let blank = format!(" {}", &ABC[1..]);
    let letter = ABC.replace('b', "g");
    let wide = format!("\u{ff10}{}", &ABC[3..]);
    for text in ["", "abc", &ABC[1..], &longer, &signed, &blank, &letter, &wide, &format!("sha256:{ABC}")] {
        assert!(text.parse::<Digest>().is_err(), "{text:?}");
    }
}

#[test]
fn the_hosts_form_names_the_algorithm() {
    assert_eq!(Digest::from_github(&format!("sha256:{ABC}")), Some(Digest::of("abc")));
    for other in [ABC.to_owned(), format!("sha512:{ABC}"), format!("sha256: {ABC}"), "sha256:".into(), String::new()] {
        assert_eq!(Digest::from_github(&other), None, "{other}");
    }
}

#[test]
fn pieces_make_the_same_fingerprint_as_the_whole() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_003).collect();
    for piece in [1, 7, 64, 65_536, 100_003] {
        let mut hasher = Hasher::default();
        bytes.chunks(piece).for_each(|chunk| hasher.update(chunk));
        assert_eq!(hasher.size(), 100_003);
        assert_eq!(hasher.finish(), Fingerprint { size: 100_003, sha256: Digest::of(&bytes) });
    }
    assert_eq!(Hasher::default().finish(), Fingerprint { size: 0, sha256: Digest::of("") });
}

#[test]
fn json_and_people_read_it_as_text() {
    let fingerprint = Fingerprint { size: 3, sha256: Digest::of("abc") };
    let json = serde_json::to_string(&fingerprint).unwrap();
    assert_eq!(json, format!(r#"{{"size":3,"sha256":"{ABC}"}}"#));
    assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), fingerprint);
    assert_eq!(fingerprint.to_string(), format!("3 bytes, SHA-256 {ABC}"));
    assert!(serde_json::from_str::<Fingerprint>(r#"{"size":3,"sha256":"abc"}"#).is_err());
}
