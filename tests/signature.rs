//! The signature over the DMG: verified, made, and never another DMG's (facts/NEXY.md, Signing).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::Value;
use support::code::{git, script_at};
use support::{MANIFEST, Practice, Ran, VERSIONED};

const BESIDE: &str = "release_inbox/Nexy.dmg.ed25519";

/// One key for all tests; nobody has it.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn seed(key: &SigningKey) -> String {
    BASE64.encode(key.to_bytes())
}

/// What a signature over the DMG in the inbox is, by a library that reads it at once.
fn signature(practice: &Practice, key: &SigningKey) -> String {
    BASE64.encode(key.sign(&fs::read(practice.path("release_inbox/Nexy.dmg")).unwrap()).to_bytes())
}

/// A world whose clients have the public key.
fn expecting() -> Practice {
    let practice = Practice::tiny();
    practice.set("signing.public_key", &format!("{:?}", BASE64.encode(key().verifying_key().as_bytes())));
    practice
}

fn published(practice: &Practice, file: &str) -> String {
    let manifest: Value = serde_json::from_str(&practice.read(file)).unwrap();
    manifest["artifact"]["ed25519"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(practice: &Practice, code: &str) -> Ran {
    let ran = practice.publish().expect_code(3);
    ran.expect_error(code);
    practice.assert_not_public();
    ran
}

/// A key file outside the workspace, as its owner keeps it.
fn key_file(practice: &Practice, text: &str) -> PathBuf {
    let path = practice.beside("update.key");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn the_signature_beside_the_dmg_goes_to_every_manifest() {
    let practice = expecting();
    refused(&practice, "NX-SIGN-01");
    let expected = signature(&practice, &key());
    practice.write(BESIDE, format!("{expected}\n"));
    let ran = practice.publish().expect_code(0);
    assert_eq!(published(&practice, MANIFEST), expected);
    assert_eq!(published(&practice, VERSIONED), expected);
    assert!(!ran.stderr.contains("not published"), "it is no other file: {}", ran.stderr);
    assert_eq!(practice.tagged()[0].assets.len(), 3, "it is no asset");
    // Once it is in the manifest the file is not needed any more.
    fs::remove_file(practice.path(BESIDE)).unwrap();
    let text = practice.read(MANIFEST);
    practice.publish().expect_code(0);
    assert_eq!(practice.read(MANIFEST), text);
}

#[test]
fn what_sign_update_prints_is_read_as_well() {
    let practice = expecting();
    let expected = signature(&practice, &key());
    practice.write(BESIDE, format!("sparkle:edSignature=\"{expected}\" length=\"98304\"\n"));
    practice.publish().expect_code(0);
    assert_eq!(published(&practice, MANIFEST), expected);
}

#[test]
fn a_signature_of_other_bytes_is_refused() {
    let practice = expecting();
    let good = signature(&practice, &key());
    let mut bytes = fs::read(practice.path("release_inbox/Nexy.dmg")).unwrap();
    let half = bytes.len() / 2;
    bytes[half] ^= 1;
    practice.write("release_inbox/Nexy.dmg", &bytes);
    practice.write(BESIDE, &good);
    refused(&practice, "NX-SIGN-02");
    bytes[half] ^= 1;
    practice.write("release_inbox/Nexy.dmg", &bytes);
    let of_another_file = BASE64.encode(key().sign(b"another file").to_bytes());
    let by_another_key = signature(&practice, &SigningKey::from_bytes(&[8; 32]));
    let mut changed = BASE64.decode(&good).unwrap();
    changed[40] ^= 1;
    let too_large = BASE64.encode([&changed[..32], &[0xff; 32]].concat());
    for wrong in [&of_another_file, &by_another_key, &BASE64.encode(&changed), &too_large] {
        practice.write(BESIDE, wrong);
        refused(&practice, "NX-SIGN-02");
    }
    for truncated in ["", "AAAA", &good[..87], &good[..44], &format!("{good}{good}")] {
        practice.write(BESIDE, truncated);
        refused(&practice, "NX-SIGN-02");
    }
    practice.write(BESIDE, good);
    practice.publish().expect_code(0);
}

#[test]
fn a_weak_public_key_is_refused_whatever_it_would_verify() {
    // Points of small order: under the first, zeros are a signature of every message.
    let neutral = {
        let mut point = [0; 32];
        point[0] = 1;
        point
    };
    for weak in [[0; 32], neutral] {
        let practice = Practice::tiny();
        practice.set("signing.public_key", &format!("{:?}", BASE64.encode(weak)));
        practice.write(BESIDE, BASE64.encode([neutral, [0; 32]].concat()));
        refused(&practice, "NX-SIGN-03");
    }
}

#[test]
fn a_program_signs() {
    let practice = expecting();
    let expected = signature(&practice, &key());
    let (program, calls) = (practice.path("tools/sign"), practice.beside("calls"));
    script_at(&program, &format!("echo \"$@\" >> '{0}'; env >> '{0}'; echo '{expected}'", calls.display()));
    practice.set("signing.command", "[\"tools/sign\", \"-p\", \"{file}\"]");
    practice.publish().expect_code(0);
    assert_eq!(published(&practice, MANIFEST), expected);
    let calls = fs::read_to_string(calls).unwrap();
    let dmg = practice.path("release_inbox/Nexy.dmg");
    assert_eq!(calls.matches(&format!("-p {}", dmg.display())).count(), 1, "asked once: {calls}");
    for (_, secret) in practice.variables() {
        assert!(!calls.contains(&secret), "{calls}");
    }
}

#[test]
fn a_program_that_does_not_sign_stops_the_release() {
    for (script, exit, code) in [
        ("echo 'no key' >&2; exit 3", 6, "NX-SIGN-04"),
        ("echo nothing of use", 6, "NX-SIGN-04"),
        (&format!("echo '{}'", BASE64.encode([3; 64])), 3, "NX-SIGN-02"),
    ] {
        let practice = expecting();
        script_at(&practice.path("tools/sign"), script);
        practice.set("signing.command", "[\"tools/sign\", \"{file}\"]");
        practice.publish().expect_code(exit).expect_error(code);
        practice.assert_not_public();
    }
}

#[test]
fn row_22_a_key_in_a_variable_signs_here_and_is_seen_nowhere() {
    let practice = expecting();
    practice.in_code();
    practice.set("signing.key_env", "\"UPDATE_KEY\"");
    refused(&practice, "NX-SIGN-03");
    let secret = seed(&key());
    let mut command = practice.command(&["publish", "--yes", "-v", "--output", "json"]);
    command.env("UPDATE_KEY", &secret);
    let ran = practice.start_command(command).wait().expect_code(0);
    assert_eq!(published(&practice, MANIFEST), signature(&practice, &key()));
    assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret));
    for path in practice.snapshot().keys().filter(|path| path.is_file()) {
        let bytes = fs::read(path).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
    }
}

#[test]
fn a_key_in_a_file_signs_where_nobody_else_can_read_it() {
    let practice = expecting();
    let path = key_file(&practice, &seed(&key()));
    practice.set("signing.key_file", &format!("{:?}", path.to_str().unwrap()));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = refused(&practice, "NX-SIGN-03");
    assert!(ran.stderr.contains("chmod 600"), "{}", ran.stderr);
    key_file(&practice, &seed(&SigningKey::from_bytes(&[8; 32])));
    refused(&practice, "NX-SIGN-03");
    key_file(&practice, "not a key");
    refused(&practice, "NX-SIGN-03");
    fs::remove_file(&path).unwrap();
    refused(&practice, "NX-SIGN-03");
    let inside = practice.path("update.key");
    fs::rename(key_file(&practice, &seed(&key())), &inside).unwrap();
    std::os::unix::fs::symlink(&inside, &path).unwrap();
    let ran = refused(&practice, "NX-SIGN-03");
    assert!(ran.stderr.contains("lies in the workspace"), "{}", ran.stderr);
    fs::remove_file(&path).unwrap();
    fs::rename(inside, &path).unwrap();
    practice.publish().expect_code(0);
    assert_eq!(published(&practice, MANIFEST), signature(&practice, &key()));
}

#[test]
fn a_dry_run_signs_too_and_its_plan_is_the_one_that_is_carried_out() {
    let practice = expecting();
    let path = key_file(&practice, &seed(&key()));
    practice.set("signing.key_file", &format!("{:?}", path.to_str().unwrap()));
    let before = practice.snapshot();
    let ran = practice.run(&["publish", "--dry-run"]).expect_code(0);
    assert_eq!(practice.snapshot(), before);
    let plan = ran.stdout.lines().find_map(|line| line.strip_prefix("Plan: ")).unwrap();
    practice.run(&["publish", "--yes", "--expect-plan", plan]).expect_code(0);
    assert_eq!(published(&practice, MANIFEST), signature(&practice, &key()));
}

#[test]
fn the_signature_of_an_older_dmg_is_replaced() {
    let practice = expecting();
    let old = BASE64.encode(key().sign(b"the DMG of 1.6.1.43").to_bytes());
    practice.write(MANIFEST, practice.read(MANIFEST).replace("\"ed25519\": \"\"", &format!("\"ed25519\": \"{old}\"")));
    refused(&practice, "NX-SIGN-01");
    practice.write(BESIDE, signature(&practice, &key()));
    practice.publish().expect_code(0);
    assert_eq!(published(&practice, MANIFEST), signature(&practice, &key()));
}

#[test]
fn a_private_key_in_the_inbox_or_tracked_by_git_is_reported() {
    let practice = expecting();
    practice.write(BESIDE, signature(&practice, &key()));
    let check = || practice.run(&["check", "--only", "signature"]).expect_code(0);
    assert!(!check().stderr.contains("NX-SIGN-05"));
    practice.write("release_inbox/keys", seed(&key()));
    let ran = check();
    assert!(ran.stderr.contains("NX-SIGN-05") && ran.stderr.contains("keys in the inbox"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(&seed(&key())) && !ran.stdout.contains(&seed(&key())));
    fs::remove_file(practice.path("release_inbox/keys")).unwrap();
    git(practice.workspace(), &["init", "-q"]);
    practice.write("sparkle_private_key", seed(&SigningKey::from_bytes(&[9; 32])));
    practice.write("public_key", BASE64.encode(key().verifying_key().as_bytes()));
    practice.write("prose.md", "A key begins with -----BEGIN PRIVATE KEY-----.\n");
    assert!(!check().stderr.contains("NX-SIGN-05"), "what git does not track is the engineer's own");
    git(practice.workspace(), &["add", "sparkle_private_key", "public_key", "prose.md"]);
    let ran = check();
    assert!(ran.stderr.contains("git rm --cached 'sparkle_private_key'   ("), "{}", ran.stderr);
    git(practice.workspace(), &["rm", "-q", "-f", "sparkle_private_key"]);
    assert!(!check().stderr.contains("NX-SIGN-05"));
    // Inside other files, and what is only tracked and no longer in the folder.
    let hidden = seed(&key());
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";
    let pair = BASE64.encode([&key().to_bytes()[..], key().verifying_key().as_bytes()].concat());
    for (name, text) in [
        (".env", format!("A=1\nSPARKLE_PRIVATE_KEY={hidden}\n")),
        ("settings.json", format!("{{\"sign\": \"{hidden}\"}}\n")),
        ("secret.yaml", format!("key: |\n  {}\n", pem.replace('\n', "\n  "))),
        ("pair.txt", pair),
        ("gone.pem", pem.to_owned()),
    ] {
        practice.write(name, text);
        git(practice.workspace(), &["add", name]);
        if name == "gone.pem" {
            fs::remove_file(practice.path(name)).unwrap();
        }
        let ran = check();
        assert!(ran.stderr.contains(&format!("git rm --cached '{name}'   (")), "{name}\n{}", ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&hidden));
        if name == "gone.pem" {
            // A missing signature blocks, and does not hide it.
            let beside = practice.read(BESIDE);
            fs::remove_file(practice.path(BESIDE)).unwrap();
            let ran = practice.run(&["check", "--only", "signature"]);
            assert!(ran.stderr.contains("NX-SIGN-01") && ran.stderr.contains("git rm --cached"), "{}", ran.stderr);
            practice.write(BESIDE, beside);
        }
        git(practice.workspace(), &["rm", "-q", "-f", "--cached", name]);
        let _ = fs::remove_file(practice.path(name));
    }
    // git takes these for binary: by a rule, and by what is in them.
    let pem = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";
    practice.write(".gitattributes", "*.pem binary\n");
    for (name, bytes) in [("update.pem", pem.to_vec()), ("bundle", [&b"\0\xff\xfe\n"[..], pem].concat())] {
        practice.write(name, bytes);
        git(practice.workspace(), &["add", name, ".gitattributes"]);
        let ran = check();
        assert!(ran.stderr.contains(&format!("git rm --cached '{name}'   (")), "{name}\n{}", ran.stderr);
        git(practice.workspace(), &["rm", "-q", "-f", name]);
    }
}

#[test]
fn without_a_public_key_no_signature_is_handed_on() {
    let practice = Practice::tiny();
    practice.write(BESIDE, signature(&practice, &key()));
    let ran = practice.publish().expect_code(0);
    assert!(ran.stderr.contains("signing.public_key is not set"), "{}", ran.stderr);
    assert_eq!(published(&practice, MANIFEST), "");
}

#[test]
fn manifest_point_keeps_the_signature_of_the_same_bytes() {
    let practice = expecting();
    practice.write(BESIDE, signature(&practice, &key()));
    practice.publish().expect_code(0);
    practice.run(&["manifest", "point", "v1.6.1.43", "--reason", "it crashes", "--yes"]).expect_code(0);
    assert_eq!(published(&practice, MANIFEST), "", "never another DMG's");
    practice.run(&["manifest", "point", "v1.6.1.44", "--yes"]).expect_code(0);
    assert_eq!(published(&practice, MANIFEST), signature(&practice, &key()));
}

/// A published version whose manifests say another signature; the inbox is empty, as in a fresh clone.
fn with_signature(other: &str) -> Practice {
    let practice = expecting();
    practice.write(BESIDE, signature(&practice, &key()));
    practice.publish().expect_code(0);
    let right = published(&practice, MANIFEST);
    for file in [MANIFEST, VERSIONED] {
        practice.write(file, practice.read(file).replace(&right, other));
    }
    for name in ["Nexy.dmg", "Nexy.pkg", "Nexy.dmg.ed25519"] {
        fs::remove_file(practice.path("release_inbox").join(name)).unwrap();
    }
    practice
}

#[test]
fn manifest_point_keeps_no_signature_that_does_not_hold_for_what_clients_download() {
    let another = BASE64.encode(key().sign(b"the DMG of 1.6.1.43").to_bytes());
    for wrong in [&another[..], &BASE64.encode([3; 64]), "no signature"] {
        let practice = with_signature(wrong);
        let before = practice.read(MANIFEST);
        for more in ["--yes", "--dry-run"] {
            let ran = practice.run(&["manifest", "point", "v1.6.1.44", more]).expect_code(7);
            ran.expect_error("NX-SIGN-06");
            assert!(ran.stderr.contains(&practice.path(BESIDE).display().to_string()), "{}", ran.stderr);
        }
        assert_eq!(practice.read(MANIFEST), before);
        // The right one is enough, without the DMG.
        let right = {
            let clean = expecting();
            signature(&clean, &key())
        };
        practice.write(BESIDE, &right);
        practice.run(&["manifest", "point", "v1.6.1.44", "--yes"]).expect_code(0);
        assert_eq!((published(&practice, MANIFEST), published(&practice, VERSIONED)), (right.clone(), right));
    }
}

#[test]
fn manifest_point_takes_the_one_of_several_signatures_that_holds() {
    let practice = with_signature("x");
    let right = signature(&expecting(), &key());
    practice.write(VERSIONED, practice.read(VERSIONED).replace("\"x\"", &format!("\"{right}\"")));
    practice.run(&["manifest", "point", "v1.6.1.44", "--yes"]).expect_code(0);
    assert_eq!((published(&practice, MANIFEST), published(&practice, VERSIONED)), (right.clone(), right));
}

#[test]
fn verify_holds_the_signature_of_every_manifest_against_what_clients_download() {
    let practice = expecting();
    practice.write(BESIDE, signature(&practice, &key()));
    practice.publish().expect_code(0);
    let ran = practice.run(&["verify"]).expect_code(0);
    assert_eq!(ran.stdout.matches("ed25519").count(), 2, "{}", ran.stdout);
    let another = BASE64.encode(key().sign(b"the DMG of 1.6.1.43").to_bytes());
    for wrong in [&another[..], "no signature", ""] {
        let practice = with_signature(wrong);
        let ran = practice.run(&["verify"]).expect_code(7);
        ran.expect_error("NX-SIGN-06");
        assert!(ran.stderr.contains(&format!("{VERSIONED} ed25519")), "{wrong}\n{}", ran.stderr);
    }
    // Without a key that clients have nothing can be said of it.
    let practice = with_signature(&another);
    practice.set("signing.public_key", "\"\"");
    practice.run(&["verify"]).expect_code(0);
}
