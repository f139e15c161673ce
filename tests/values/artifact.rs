//! Kinds of artifacts, told from their bytes.

use nexy_release::release::artifact::{KOLY_LEN, Kind, MAX_SIZE, XAR_LEN};

/// A UDIF trailer as `hdiutil` writes it, as far as it is looked at.
fn koly() -> Vec<u8> {
    let mut trailer = b"koly\x00\x00\x00\x04\x00\x00\x02\x00".to_vec();
    trailer.resize(512, 0);
    trailer
}

/// A xar header as `productbuild` writes it.
fn xar() -> Vec<u8> {
    let mut header = b"xar!\x00\x1c\x00\x01".to_vec();
    header.resize(28, 0);
    header
}

/// These bytes with one of them turned into another.
fn flipped(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    bytes[at] ^= 0x40;
    bytes
}

#[test]
fn lengths_are_those_of_the_formats() {
    assert_eq!((KOLY_LEN, XAR_LEN, MAX_SIZE), (512, 28, 2_147_483_648));
}

#[test]
fn a_dmg_ends_in_its_trailer_whatever_it_starts_with() {
    assert_eq!(Kind::Dmg.judge(b"", &koly()), Ok(()));
    assert_eq!(Kind::Dmg.judge(&xar(), &koly()), Ok(()));
}

#[test]
fn row_16_other_bytes_are_no_dmg() {
    let mut shifted = koly();
    shifted.rotate_right(1);
    let mut others: Vec<_> = (0..12).map(|at| flipped(koly(), at)).collect();
    others.extend([vec![], koly()[..511].to_vec(), shifted, vec![0; 512], b"<!DOCTYPE html>".to_vec()]);
    for tail in others {
        let why = Kind::Dmg.judge(&koly(), &tail).unwrap_err();
        assert!(why.contains("koly"), "{why}");
    }
}

#[test]
fn a_pkg_starts_with_its_header() {
    assert_eq!(Kind::Pkg.judge(&xar(), b""), Ok(()));
    let mut long = xar();
    long[5] = 64;
    long.resize(512, 7);
    assert_eq!(Kind::Pkg.judge(&long, b""), Ok(()), "a longer header is allowed");
}

#[test]
fn row_16_other_bytes_are_no_pkg() {
    let mut short_header = xar();
    short_header[5] = 27;
    let mut others: Vec<_> = [0, 1, 2, 3, 6, 7].map(|at| flipped(xar(), at)).into();
    others.extend([vec![], xar()[..27].to_vec(), b"xar!".to_vec(), short_header, vec![0; 28]]);
    for head in others {
        let why = Kind::Pkg.judge(&head, &xar()).unwrap_err();
        assert!(why.contains("xar!"), "{why}");
    }
}

#[test]
fn notes_and_other_files_may_hold_anything() {
    for kind in [Kind::Notes, Kind::File] {
        assert_eq!(kind.judge(b"", b""), Ok(()));
        assert_eq!(kind.judge(&[0xff; 28], &[0xff; 512]), Ok(()));
        assert!(!kind.is_package());
    }
    assert!(Kind::Dmg.is_package() && Kind::Pkg.is_package());
}

#[test]
fn each_kind_has_its_name_and_media_type() {
    for (kind, name, media_type) in [
        (Kind::Dmg, "\"dmg\"", "application/x-apple-diskimage"),
        (Kind::Pkg, "\"pkg\"", "application/x-newton-compatible-pkg"),
        (Kind::Notes, "\"notes\"", "text/markdown; charset=utf-8"),
        (Kind::File, "\"file\"", "application/octet-stream"),
    ] {
        assert_eq!(serde_json::to_string(&kind).unwrap(), name);
        assert_eq!(serde_json::from_str::<Kind>(name).unwrap(), kind);
        assert_eq!(kind.media_type(), media_type);
    }
    assert_eq!(Kind::default(), Kind::File);
}
