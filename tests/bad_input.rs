//! Bad input through the binary: refused with a clear error before anything is changed anywhere
//! (facts/TRUST.md rows 15 to 20).
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nexy_release::sandbox::Scenario;
use support::{MANIFEST, Practice, Ran, TAG};

const DMG: &str = "release_inbox/Nexy.dmg";
const PKG: &str = "release_inbox/Nexy.pkg";
const NOTES: &str = "release_inbox/LATEST_CHANGES.md";

/// Publishes, and asserts that it was refused so, without a change on the host or in the workspace.
#[track_caller]
fn refused(practice: &Practice, exit: i32, code: &str) -> Ran {
    let before = practice.snapshot();
    let ran = practice.publish().expect_code(exit);
    ran.expect_error(code);
    assert!(ran.stderr.contains("  fix: "), "no fix: {}", ran.stderr);
    assert_eq!(practice.mutations(), [] as [&str; 0]);
    assert_eq!(practice.snapshot(), before);
    ran
}

#[test]
fn row_15_links_pipes_and_folders_are_refused_without_hanging() {
    let practice = Practice::first_release();
    let kept = practice.path("kept.dmg");
    fs::rename(practice.path(DMG), &kept).unwrap();
    std::os::unix::fs::symlink(&kept, practice.path(DMG)).unwrap();
    assert!(refused(&practice, 3, "NX-ARTIFACT-01").stderr.contains("Nexy.dmg is a link"));

    fs::remove_file(practice.path(DMG)).unwrap();
    let made = std::process::Command::new("mkfifo").arg(practice.path(DMG)).status().unwrap();
    assert!(made.success());
    refused(&practice, 3, "NX-ARTIFACT-01");

    fs::remove_file(practice.path(DMG)).unwrap();
    fs::create_dir(practice.path(DMG)).unwrap();
    refused(&practice, 3, "NX-ARTIFACT-01");
}

#[test]
fn row_15_the_notes_are_no_way_around_either() {
    let practice = Practice::first_release();
    fs::remove_file(practice.path(NOTES)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", practice.path(NOTES)).unwrap();
    refused(&practice, 3, "NX-ARTIFACT-01");
    fs::remove_file(practice.path(NOTES)).unwrap();
    practice.write(NOTES, b"Status: ACTIVE\nRelease cycle: 1.6.1.44\n\xff\xfe");
    refused(&practice, 3, "NX-NOTES-01");
}

#[test]
fn row_15_empty_and_huge_files_are_refused() {
    let practice = Practice::first_release();
    practice.write(PKG, b"");
    refused(&practice, 3, "NX-ARTIFACT-02");
    // Sparse: it takes no room, and nobody reads it.
    File::create(practice.path(PKG)).unwrap().set_len(2 << 30).unwrap();
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-ARTIFACT-03");
    assert!(practice.mutations().is_empty());
}

#[test]
fn row_15_a_growing_file_is_refused() {
    let practice = Practice::first_release();
    // Sparse, and long to hash: the writer writes meanwhile also on a busy machine.
    OpenOptions::new().write(true).open(practice.path(DMG)).unwrap().set_len(256 << 20).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (path, stopped) = (practice.path(DMG), stop.clone());
    let (began, begins) = std::sync::mpsc::channel();
    let writer = std::thread::spawn(move || {
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        while !stopped.load(Ordering::Relaxed) {
            file.write_all(b"more").unwrap();
            // Nobody listens any more after the first.
            let _ = began.send(());
        }
    });
    begins.recv().unwrap();
    let ran = practice.publish().expect_code(3);
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    ran.expect_error("NX-ARTIFACT-04");
    assert!(practice.mutations().is_empty());
}

#[test]
fn row_15_an_unreadable_file_is_not_an_absent_one() {
    let practice = Practice::first_release();
    fs::set_permissions(practice.path(DMG), fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = practice.command(&["publish", "--dry-run"]);
    if rustix::process::geteuid().is_root() {
        // Root reads everything: the console runs as somebody else.
        for folder in practice.workspace().ancestors().take(3) {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let binary = practice.path("nexy-release");
        // By another process: a file that this one has open for writing cannot be run, and every child has it for a moment.
        let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_nexy-release")).arg(&binary).status();
        assert!(copied.unwrap().success());
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command = std::process::Command::new(binary);
        command.args(args).env_clear().envs(practice.variables()).env("PATH", "/usr/bin:/bin").uid(65534);
    }
    let ran = Ran::from(command.output().unwrap()).expect_code(6);
    ran.expect_error("NX-ARTIFACT-06");
    assert!(practice.mutations().is_empty());
}

#[test]
fn row_16_what_is_no_dmg_or_pkg_is_refused() {
    let practice = Practice::first_release();
    practice.write(DMG, vec![7; 4096]);
    refused(&practice, 3, "NX-ARTIFACT-05");
    practice.write(DMG, b"koly");
    refused(&practice, 3, "NX-ARTIFACT-05");
    let practice = Practice::first_release();
    practice.write(PKG, b"PK\x03\x04 a zip is no pkg, however long it is");
    refused(&practice, 3, "NX-ARTIFACT-05");
    let waived = practice.run(&["publish", "--yes", "--waive", "artifacts=built by hand"]).expect_code(0);
    assert!(waived.stdout.contains("(waived: built by hand)"));
    assert!(practice.read(".nexy-release/journal.jsonl").contains("built by hand"));
}

#[test]
fn row_16_only_the_type_of_an_artifact_can_be_waived() {
    let practice = Practice::first_release();
    practice.write(PKG, b"");
    let ran = practice.run(&["publish", "--yes", "--waive", "artifacts=please"]).expect_code(2);
    ran.expect_error("NX-USAGE-04");
    assert!(practice.mutations().is_empty());
}

#[test]
fn row_17_a_version_that_is_none_is_refused() {
    let practice = Practice::first_release();
    let malformed: [&[u8]; 12] = [
        b"",
        b"\xef\xbb\xbf1.6.1.44\n",
        b"1.6.1.44\0",
        "1.6.1.４４\n".as_bytes(),
        b"v1.6.1.44\n",
        b"1.6.1\n",
        b"1.6.1.44.5\n",
        b"1.6.01.44\n",
        b"1.6.1.2147483648\n",
        b"1.6.1.99999999999999999999999\n",
        b"abc def\n",
        b"1.6.1.44\n1.6.1.45\n",
    ];
    for bytes in malformed {
        practice.write("VERSION", bytes);
        refused(&practice, 3, "NX-VERSION-01");
    }
    fs::remove_file(practice.path("VERSION")).unwrap();
    refused(&practice, 3, "NX-VERSION-01");
    for fine in ["1.6.1.44", "1.6.1.44\n", "1.6.1.44\r\n"] {
        practice.write("VERSION", fine);
        practice.run(&["publish", "--dry-run"]).expect_code(0);
    }
}

#[test]
fn row_18_a_lower_version_is_refused_and_an_unusual_jump_is_said() {
    let practice = Practice::first_release();
    practice.write("VERSION", "1.6.1.42\n");
    practice.write(NOTES, "Status: ACTIVE\nRelease cycle: 1.6.1.42\n");
    assert!(refused(&practice, 3, "NX-VERSION-02").stderr.contains("1.6.1.43 is published already"));
    practice.write("VERSION", "1.6.1.99\n");
    practice.write(NOTES, "Status: ACTIVE\nRelease cycle: 1.6.1.99\n");
    let ran = practice.publish().expect_code(0);
    assert!(ran.stderr.contains("WARNING [NX-VERSION-02]: 1.6.1.43 → 1.6.1.99 is an unusual jump"));
}

#[test]
fn row_18_the_manifest_counts_where_the_host_has_forgotten() {
    let practice = Practice::first_release();
    practice.write(MANIFEST, practice.read(MANIFEST).replace("1.6.1.43", "1.7.0.0"));
    assert!(refused(&practice, 3, "NX-VERSION-02").stderr.contains("artifact.url"));
}

#[test]
fn row_18_the_same_bytes_under_a_new_number_are_refused() {
    let practice = Practice::open(Scenario::AlreadyPublished);
    practice.write("VERSION", "1.6.1.45\n");
    practice.write(NOTES, "Status: ACTIVE\nRelease cycle: 1.6.1.45\n");
    refused(&practice, 3, "NX-SAME-01");
    practice.run(&["publish", "--yes", "--waive", "same-bytes=number only"]).expect_code(0);
}

#[test]
fn row_19_a_broken_manifest_is_refused_before_the_first_upload() {
    let practice = Practice::first_release();
    let sound = practice.read(MANIFEST);
    for (from, to) in [
        ("{", "{ ,"),
        ("\"build\"", "\"version\""),
        ("\"url\"", "\"type\""),
        ("\"build\": \"1.6.1.43\"", "\"build\": 43"),
        ("\"critical\": false", "\"critical\": \"no\""),
        ("\"type\": \"dmg\",", ""),
        ("\"sha256\": \"", "\"sha256\": \"x"),
    ] {
        let broken = sound.replacen(from, to, 1);
        assert_ne!(broken, sound);
        practice.write(MANIFEST, broken);
        refused(&practice, 3, "NX-MANIFEST-01");
    }
    practice.write(MANIFEST, sound.replace("Nexy.dmg\"", "appcast.xml\""));
    refused(&practice, 3, "NX-MANIFEST-03");
    practice.write(MANIFEST, sound.replace("http://127.0.0.1", "http://example.org"));
    refused(&practice, 3, "NX-MANIFEST-03");
}

#[test]
fn row_19_unknown_keys_their_order_and_big_numbers_are_kept() {
    let practice = Practice::first_release();
    let odd = practice.read(MANIFEST).replacen(
        "{\n",
        "{\n  \"zzz\": 123456789012345678901234567890.5,\n  \"имя\": [1, {\"b\": 1, \"a\": null}],\n",
        1,
    );
    practice.write(MANIFEST, odd);
    practice.publish().expect_code(0);
    let after = practice.read(MANIFEST);
    assert!(after.starts_with("{\n  \"zzz\": 123456789012345678901234567890.5,\n  \"имя\": [\n"), "{after}");
    assert!(after.contains("\"b\": 1,\n      \"a\": null") && after.ends_with("}\n"), "{after}");
}

#[test]
fn row_20_settings_are_refused_with_their_place_before_any_request() {
    let practice = Practice::first_release();
    let sound = practice.read("release.toml");
    for (line, code, place) in [
        ("[release]\nrepoo = \"a/b\"\n", "NX-SETTINGS-02", "release.toml:2:1"),
        ("[github]\nidle_timeout_s = \"30\"\n", "NX-SETTINGS-03", "release.toml:2:"),
        ("[github]\napi_url = \"http://example.org\"\n", "NX-SETTINGS-04", "release.toml:2:"),
        ("[github]\napi_url = \"https://git.example.org/api\"\n", "NX-SETTINGS-04", "release.toml:2:"),
        ("[release\n", "NX-SETTINGS-01", "release.toml:1:"),
    ] {
        practice.write("release.toml", line);
        let ran = refused(&practice, 2, code);
        assert!(ran.stderr.contains(place), "{}", ran.stderr);
        assert_eq!(practice.requests().len(), 0);
    }
    practice.write("release.toml", sound);
}

/// SPEC: a person with their own workspace needs nothing but settings (and notes of the new version).
#[test]
fn somebodys_own_workspace_publishes_with_settings_alone() {
    let practice = Practice::first_release();
    let settings = practice.read("release.toml");
    fs::remove_dir_all(practice.workspace()).unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/workspace");
    let copied = std::process::Command::new("cp").args(["-r", fixture]).arg(practice.workspace()).status().unwrap();
    assert!(copied.success());
    practice.write("VERSION", "1.6.1.44\n");
    practice.write("release.toml", settings);
    practice.publish().expect_code(3).expect_error("NX-NOTES-01");
    assert!(practice.mutations().is_empty(), "notes of another cycle block");
    practice.write(NOTES, practice.read(NOTES).replace("1.6.1.43", "1.6.1.44"));
    let ran = practice.publish().expect_code(0);
    assert_eq!(ran.count("RELEASE COMPLETE"), 1);
    assert!(practice.read(MANIFEST).contains(&format!("/releases/download/{TAG}/LATEST_CHANGES.md")));
    assert!(practice.path("server/updates/manifests/manifest_1.6.1.44.json").exists());
    practice.publish().expect_code(0);
}
