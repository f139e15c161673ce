//! What a person does between a first look and a finished release: reads on, mends, waives, looks again, runs again.

use nexy_release::sandbox::Scenario;
use nexy_release::sandbox::azure::Turn;
use nexy_release::sandbox::host::{Action, Fault, Stage};
use nexy_release::world::platform;
use rustix::process::{Pid, Signal, kill_process_group};

use super::screen::{Console, binary, on, publishing, ready};
use super::support::{Practice, TAG, eventually};

const END: &str = "\u{1b}[F";
const HOME: &str = "\u{1b}[H";
const UP: &str = "\u{1b}[A";

#[test]
fn enter_runs_a_stopped_release_again_and_asks_for_the_tag_first() {
    let practice = Practice::tiny();
    let mut console = publishing(&practice);
    console.press("\u{3}");
    console.see("enter runs it again: it goes on where this one stopped");
    practice.faults([]);
    let before = practice.mutations().len();
    console.press("\r");
    console.see("becomes public as");
    assert_eq!(practice.mutations().len(), before, "nothing before the tag was typed");
    console.type_in(TAG);
    console.press("\r");
    console.see("RELEASE COMPLETE");
    practice.assert_released();
}

#[test]
fn what_cannot_be_opened_is_mended_beside_it_and_enter_looks_again() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("world");
    let args = ["sandbox", "--dir", dir.to_str().unwrap()];
    let mut console = Console::start(binary(&args));
    console.see("enter release");
    console.press("q");
    assert_eq!(console.code(), 0);
    let settings = dir.join("workspace/release.toml");
    let right = std::fs::read_to_string(&settings).unwrap();
    // A host that is not the practice world's.
    let real = right.lines().map(|line| match line.split_whitespace().next() {
        Some("api_url") => "api_url = \"https://api.github.com\"",
        Some("web_url") => "web_url = \"https://github.com\"",
        _ => line,
    });
    std::fs::write(&settings, real.collect::<Vec<_>>().join("\n")).unwrap();
    let mut console = Console::start(binary(&args));
    console.see("why: ");
    console.press("\u{1b}");
    console.gone("why: ");
    console.see("enter look again");
    std::fs::write(&settings, right).unwrap();
    console.press("\r");
    console.see("enter release");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn another_finding_is_not_waived_by_what_was_said_of_the_first() {
    let practice = Practice::tiny();
    let notes = "release_inbox/LATEST_CHANGES.md";
    let cycle = |version: &str| practice.read(notes).replace("1.6.1.44", version);
    practice.write(notes, cycle("1.6.1.41"));
    let mut console = Console::open(&practice);
    console.see("enter what blocks");
    console.press("w");
    console.see("Waive notes");
    console.type_in("old");
    console.press("\r");
    console.see("waived: ");
    console.press("R");
    console.press_until("\r", "becomes public as");
    console.see("Waived: notes");
    console.press("\u{1b}");
    console.gone("becomes public as");
    practice.write(notes, practice.read(notes).replace("1.6.1.41", "1.6.1.40"));
    console.press("R");
    console.see("finds something else than what was waived");
    console.see("1 blocking");
}

#[test]
fn a_dry_run_names_every_request_and_every_file() {
    let practice = Practice::tiny();
    let mut console = Console::sized(on(&practice, &[]), 160, 60);
    console.see("enter release");
    console.press("d");
    console.see("DRY RUN COMPLETE");
    // The last line of the box: all of it is there.
    console.see("esc closes");
    let said = console.shown().text();
    let released = Practice::tiny();
    released.publish().expect_code(0);
    for request in released.mutations() {
        let (method, path) = request.split_once(' ').unwrap();
        let (place, query) = path.split_once('?').unwrap_or((path, ""));
        // The number of a release is not known before, nor where its assets go.
        let shape = |part: &str| if part.parse::<u64>().is_ok() { "{id}".to_owned() } else { part.to_owned() };
        let place = place.split('/').map(shape).collect::<Vec<_>>().join("/");
        let found = said.lines().filter(|line| line.contains(&format!(" {method} ")));
        let fits = |line: &str| {
            let there =
                if query.is_empty() { line.contains(&format!("{place}   ")) } else { line.contains("{upload_url}") };
            there && query.split('&').all(|part| line.contains(part))
        };
        assert_eq!(found.filter(|line| fits(line)).count(), 1, "{request} in\n{said}");
    }
    let written = released.snapshot();
    for (path, _) in
        written.iter().filter(|(path, digest)| digest.is_some() && !practice.path(path.to_str().unwrap()).exists())
    {
        let path = path.to_str().unwrap();
        assert!(said.contains(path), "{path} in\n{said}");
    }
    console.press("\u{1b}");
    console.see("enter release");
    assert!(practice.mutations().is_empty());
}

#[test]
fn a_dry_run_after_a_release_speaks_of_now() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    console.press("\r");
    console.type_in(TAG);
    console.press("\r");
    console.see("q leaves");
    console.press("\u{1b}");
    console.gone("q leaves");
    console.press("d");
    console.see("skip: already published");
}

#[test]
fn a_look_again_is_stopped_and_what_was_found_stands() {
    let practice = Practice::tiny();
    practice.set("vm.enabled", "false");
    let mut console = ready(&practice);
    practice.faults([Fault::new(Action::Stall { after: Stage::Request })]);
    let before = practice.requests().len();
    console.press("r");
    eventually("a request that stalls", || (practice.requests().len() > before).then_some(()));
    console.see("1 running");
    // It is under way: nothing is queued behind it.
    console.press("R");
    console.see("Ctrl-C stops it");
    console.press("\u{3}");
    console.see("What was found before stands.");
    practice.faults([]);
    console.press("\u{1b}");
    console.see("enter release");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn what_is_no_longer_under_way_is_not_said_to_be() {
    let practice = Practice::tiny();
    let mut console = Console::sized(on(&practice, &[]), 160, 50);
    console.see("enter release");
    practice.turns([Turn::Slow(3_000)]);
    console.press(END);
    console.press(UP);
    console.press("r");
    practice.until_on_vm(2);
    console.press("\r");
    console.see("Something is under way");
    console.see("enter release");
    console.press("q");
    assert_eq!(console.code(), 0);
}

#[test]
fn row_29_a_stopped_look_at_the_vm_leaves_no_green_row_of_before() {
    let practice = Practice::tiny();
    // Every row has its place.
    let mut console = Console::sized(on(&practice, &[]), 160, 50);
    console.see("enter release");
    console.see("there in 1 file");
    practice.turns([Turn::Slow(30_000)]);
    console.press(END);
    console.press(UP);
    console.press("r");
    practice.until_on_vm(2);
    console.press("\u{3}");
    console.see("end is not known");
    console.gone("there in 1 file");
    // The VM works on; nothing is published on what was found before.
    console.see("2 blocking");
    console.press_until("\r", "R looks again");
    assert!(practice.mutations().is_empty());
    console.press("\u{1b}");
    console.gone("R looks again");
    console.press("q");
    assert_eq!(console.code(), 0);
    let script = practice.vm().join("runs/0002/script.sh").to_str().unwrap().to_owned();
    let left = platform::processes().into_iter().filter(|(_, words)| words.contains(&script));
    for (pid, _) in left {
        let _ = kill_process_group(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL);
    }
}

#[test]
fn a_stopped_look_at_another_check_says_that_its_row_is_of_before() {
    let practice = Practice::tiny();
    practice.set("vm.enabled", "false");
    let mut console = ready(&practice);
    practice.faults([Fault::new(Action::Stall { after: Stage::Request })]);
    console.press("r");
    console.see("1 running");
    console.press("\u{3}");
    console.see("of before: free");
    practice.faults([]);
    console.press("r");
    console.gone("of before: free");
}

#[test]
fn the_diff_is_read_to_its_end_and_back_also_below_the_question() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    console.press("\r");
    console.see("file 1 of 2, tab shows the next");
    console.press("\t");
    console.see("create server/updates/manifests/manifest_1.6.1.44.json");
    for _ in 0..20 {
        console.press("\u{1b}[B");
    }
    console.see("release_date");
    // However far one went on, one line back is one line back.
    console.press(UP);
    console.see(" 1 more line ");
    console.press("\u{1b}");
    console.gone("becomes public as");
    console.press("v");
    console.see("file 1 of 2, v shows the next");
    console.press("v");
    console.see("file 2 of 2, v shows the next");
    console.press(END);
    console.see("release_date");
    console.press(UP);
    console.see(" 1 more line ");
}

#[test]
fn the_log_goes_back_to_its_first_line_and_follows_again_at_its_end() {
    let practice = Practice::tiny();
    let mut console = Console::sized(on(&practice, &["-v"]), 80, 24);
    console.see("enter release");
    console.press("o");
    console.press("+");
    console.press(HOME);
    console.see("Log  1 of ");
    console.press(END);
    console.gone("Log  1 of ");
}

#[test]
fn what_is_pending_at_the_end_is_copied() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    console.press("\r");
    console.type_in(TAG);
    console.press("\r");
    console.see("y copies what is pending");
    console.press("y");
    console.see("Sent to the terminal's clipboard");
    let sent = console.shown().sent();
    let copied = sent.split("\u{1b}]52;c;").nth(1).unwrap();
    // `git add` in base64.
    assert!(copied.starts_with("Z2l0IGFkZC"), "{copied}");
}

#[test]
fn a_popup_that_is_longer_than_the_screen_scrolls() {
    let practice = Practice::tiny();
    practice.publish().expect_code(0);
    let mut console = Console::sized(on(&practice, &[]), 80, 24);
    console.see("enter finish");
    console.press("d");
    console.see("skip: already published");
    console.press("\u{1b}");
    console.gone("DRY RUN");
    console.press("\r");
    console.see("public already");
    console.press(END);
    console.see("not needed drill");
    console.see("closes");
    console.press("\u{1b}");
    console.see("enter checklist");
}

#[test]
fn settings_are_read_anew_by_looking_again_and_changed_ones_are_not_published_with() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    practice.set("release.title", "\"Nexy, once more {version}\"");
    console.press("\r");
    console.type_in(TAG);
    console.press("\r");
    console.see("release.toml changed after it was read");
    practice.assert_not_public();
    console.press("\r");
    console.see("becomes public as");
    console.type_in(TAG);
    console.press("\r");
    console.see("q leaves");
    practice.assert_released();
}

#[test]
fn keys_of_before_do_not_ask_again_behind_the_end() {
    let practice = Practice::tiny();
    let mut console = ready(&practice);
    console.press("\r");
    console.type_in(TAG);
    console.send(&"\r".repeat(60));
    console.see("RELEASE COMPLETE");
    console.press("?");
    console.press("\u{1b}");
    eventually("the end or the home after it", || {
        let text = console.shown().text();
        (text.contains("q leaves") || text.contains("enter checklist")).then_some(())
    });
    assert!(!console.shown().text().contains("Type v1.6.1.44"), "{}", console.shown().text());
}

#[test]
fn a_waiver_covers_what_was_seen_not_what_is_found_under_the_lock() {
    let practice = Practice::tiny();
    let notes = "release_inbox/LATEST_CHANGES.md";
    practice.write(notes, practice.read(notes).replace("1.6.1.44", "1.6.1.41"));
    let mut console = Console::open(&practice);
    console.see("enter what blocks");
    console.press("w");
    console.see("Waive notes");
    console.type_in("old");
    console.press("\r");
    console.see("waived: ");
    console.press("\r");
    console.see("becomes public as");
    practice.write(notes, practice.read(notes).replace("1.6.1.41", "1.6.1.40"));
    console.type_in(TAG);
    console.press("\r");
    console.see("finds something else than what was waived");
    practice.assert_not_public();
}

#[test]
fn what_is_copied_can_be_pasted_into_a_shell() {
    let practice = Practice::open(Scenario::Conflict);
    let mut console = Console::open(&practice);
    console.see("enter what blocks");
    console.press("y");
    console.see("Sent to the terminal's clipboard");
    let sent = console.shown().sent();
    let copied = sent.split("\u{1b}]52;c;").nth(1).unwrap();
    // `nexy-release version set 1.6.1.45` in base64.
    assert!(copied.starts_with("bmV4eS1yZWxlYXNlIHZlcnNpb24gc2V0IDEuNi4xLjQ1"), "{copied}");
}
