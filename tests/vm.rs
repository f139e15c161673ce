//! The VM by way of the Azure CLI: every symptom, one command at a time, and what stays when it is cancelled.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nexy_release::sandbox::Scenario;
use nexy_release::sandbox::azure::{Azure, Turn};
use nexy_release::world::platform;
use rustix::process::{Pid, Signal, kill_process_group};
use support::terminal::Terminal;
use support::{Practice, Ran, eventually};

const CHECK: [&str; 3] = ["check", "--only", "vm-signin,vm-run-command,vm-gemini-key"];

fn check(practice: &Practice) -> Ran {
    practice.run(&CHECK)
}

fn row<'a>(ran: &'a Ran, id: &str) -> &'a str {
    let is = |line: &&str| line.split_whitespace().nth(1) == Some(id);
    ran.stdout.lines().find(is).unwrap_or_else(|| panic!("no row `{id}`:\n{}", ran.stdout)).trim()
}

/// A process that goes with the test, however that ends.
struct Stranger(Child);

impl Stranger {
    /// Somebody's `az vm run-command` on this machine; it does nothing.
    fn invokes(subscription: &str) -> Self {
        let words = ["vm", "run-command", "invoke", "-g", "networkwatcherrg", "--name=nexy-practice", "--subscription"];
        let mut command = Command::new("/bin/sh");
        // `read` waits for an end of input that comes with this process's own.
        command.args(["-c", "read _; true", "az"]).args(words).arg(subscription);
        Self(command.stdin(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Processes of this machine whose command line names this practice VM.
fn processes_of(practice: &Practice) -> Vec<(u32, String)> {
    let vm = practice.vm().to_str().unwrap().to_owned();
    let lines = platform::processes().into_iter().map(|(pid, words)| (pid, words.join(" ")));
    lines.filter(|(_, line)| line.contains(&vm)).collect()
}

#[test]
fn row_24_every_symptom_of_a_run_command_is_told_with_its_code_and_its_fix() {
    let practice = Practice::tiny();
    for (az, said, code, exit, fix) in [
        (1, "ERROR: (ResourceGroupNotFound) Resource group 'x' could not be found.", "NX-VM-05", 3, "az vm list"),
        (3, "ERROR: (ResourceNotFound) The Resource was not found.", "NX-VM-05", 3, "az vm list"),
        (1, "ERROR: (AuthorizationFailed) The client 'me' may not", "NX-VM-06", 4, "Virtual Machine Contributor"),
        (
            1,
            "ERROR: (OperationNotAllowed) The operation requires the VM to be running (or set to run).",
            "NX-VM-07",
            3,
            "az vm start -g NetworkWatcherRG -n Nexy",
        ),
        (1, "ERROR: (VMAgentStatusCommunicationError) VM 'Nexy' has not reported", "NX-VM-08", 3, "az vm restart"),
        (1, "ERROR: (ReadOnlyDisabledSubscription) The subscription is disabled", "NX-VM-09", 3, "portal.azure.com"),
        (1, "ERROR: (VMExtensionProvisioningTimeout) Provisioning has timed out.", "NX-VM-13", 6, "vm-run-command"),
        (1, "ERROR: AADSTS700082: The refresh token has expired", "NX-VM-03", 4, "az logout; az login --tenant"),
        (1, "ERROR: Subscription 'x' not found. Check the spelling", "NX-VM-04", 4, "az account list"),
        (1, "ERROR: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "NX-VM-14", 6, "REQUESTS_CA_BUNDLE"),
        (127, "/usr/bin/az: 2: exec: python3: not found", "NX-VM-01", 3, "install azure-cli"),
        (2, "ERROR: unrecognized arguments: --scripts", "NX-VM-15", 6, "az version"),
        // A word is no symptom: only the full sentence tells that the VM is busy.
        (1, "ERROR: (Conflict) The request conflicts with 409 things.", "NX-VM-15", 6, "az version"),
    ] {
        practice.az_says(az, said);
        let ran = check(&practice).expect_code(exit);
        ran.expect_error(code);
        assert!(ran.stderr.contains(fix), "{said}: {fix}\n{}", ran.stderr);
        assert!(row(&ran, "vm-gemini-key").contains("not judged"), "{}", ran.stdout);
    }
    check(&practice).expect_code(0);
}

#[test]
fn row_24_a_sign_in_that_is_gone_or_expired_is_found_before_the_vm_is_asked() {
    let practice = Practice::tiny();
    for (said, code, fix) in [
        ("ERROR: Please run 'az login' to setup account.", "NX-VM-02", "fix: az login"),
        ("ERROR: User 'x' does not exist in MSAL token cache. Run `az login`.", "NX-VM-02", "fix: az login"),
        ("ERROR: AADSTS70043: The refresh token has expired", "NX-VM-03", "az logout; az login --tenant"),
        ("ERROR: AADSTS50076: you must use multi-factor authentication", "NX-VM-03", "az logout; az login --tenant"),
    ] {
        practice.azure(|azure| azure.signed_out = Some(said.into()));
        let ran = check(&practice).expect_code(4);
        ran.expect_error(code);
        assert!(ran.stderr.contains(fix), "{}", ran.stderr);
    }
    assert_eq!(practice.invocations(), 0);
    // The account is not asked: with an expired sign-in it is shown all the same.
    assert!(practice.az_calls().iter().all(|call| call[1] == "get-access-token"), "{:?}", practice.az_calls());
}

#[test]
fn row_24_without_an_azure_cli_the_checks_say_so_and_can_be_waived() {
    let practice = Practice::tiny();
    practice.set("vm.program", "[\"/nonexistent/az\"]");
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-VM-01");
    assert!(ran.stderr.contains("vm.enabled = false"), "the way without a VM\n{}", ran.stderr);
    let waived = ["vm-signin=no az here", "vm-run-command=no az here", "vm-gemini-key=no az here"];
    let args = waived.iter().flat_map(|waiver| ["--waive", waiver]);
    practice.run(&["publish", "--yes"].into_iter().chain(args).collect::<Vec<_>>()).expect_code(0);
    practice.assert_released();
    assert_eq!(practice.journal().last().unwrap()["waived"]["vm-signin"], "no az here");
    practice.set("vm.enabled", "false");
    assert!(row(&check(&practice).expect_code(0), "vm-signin").starts_with("skipped "));
}

#[test]
fn a_busy_vm_is_waited_for_once_and_the_release_goes_on() {
    let practice = Practice::open(Scenario::VmBusy);
    let ran = practice.publish().expect_code(0);
    assert!(
        ran.stdout.contains("another command is running on the VM Nexy-practice; waiting for up to 1 s"),
        "{}",
        ran.stdout
    );
    assert_eq!(practice.invocations(), 2, "one retry, and the second look under the lock asks nothing again");
    practice.assert_released();
}

#[test]
fn a_vm_that_is_busy_throughout_blocks_and_is_explained() {
    let practice = Practice::tiny();
    let before = practice.snapshot();
    practice.turns([Turn::Busy, Turn::Busy, Turn::Busy]);
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-VM-10");
    assert!(ran.stderr.contains("Begun by anna@nexy.example"), "who, as the activity log tells\n{}", ran.stderr);
    assert!(ran.stderr.contains("RemoveRunCommandLinuxExtension"), "{}", ran.stderr);
    assert_eq!(practice.invocations(), 2, "a single retry");
    assert_eq!((practice.mutations(), practice.snapshot()), (Vec::new(), before));
}

#[test]
fn a_script_that_fails_is_a_failure_whatever_az_answers() {
    let practice = Practice::tiny();
    practice.set("vm.app_dir", &format!("\"{}\"", practice.on_vm("not-there").display()));
    let ran = practice.publish().expect_code(3);
    ran.expect_error("NX-VM-12");
    assert!(row(&ran, "vm-run-command").starts_with("FAILED "), "{}", ran.stdout);
    assert!(ran.stderr.contains("exit status 66") && ran.stderr.contains("There is no folder"), "{}", ran.stderr);
    let events = practice.run(&["--output", "json", "check"]).expect_code(3).events();
    let check = events.iter().rfind(|event| event["id"] == "vm-run-command").unwrap();
    assert_eq!((check["state"].as_str(), check["code"].as_str()), (Some("failed"), Some("NX-VM-12")));
}

#[test]
fn success_without_the_script_s_own_end_mark_is_unknown() {
    for (turn, why) in [
        (Turn::Stale, "an earlier run"),
        (Turn::Unfinished, "did not finish"),
        (Turn::LostEnd, "its end mark is missing"),
    ] {
        let practice = Practice::tiny();
        check(&practice).expect_code(0);
        practice.turns([turn]);
        let ran = check(&practice).expect_code(6);
        ran.expect_error("NX-VM-13");
        assert!(ran.stderr.contains(why), "{why}\n{}", ran.stderr);
        // It is kept until a command came back.
        let next = check(&practice).expect_code(0);
        assert!(next.stderr.contains("The key check of") && next.stderr.contains("may still be running"));
        assert!(!check(&practice).expect_code(0).stderr.contains("may still be running"));
    }
}

#[test]
fn output_that_azure_cut_off_is_unknown() {
    let practice = Practice::tiny();
    let names: Vec<_> = (0..400).map(|number| format!("\"env/{number}\"")).collect();
    practice.set("vm.env_files", &format!("[{}]", names.join(", ")));
    let ran = check(&practice).expect_code(6);
    assert!(ran.stderr.contains("cut off"), "{}", ran.stderr);
    practice.set("vm.env_files", "[]");
    check(&practice).expect_code(0);
}

#[test]
fn row_29_a_cancelled_vm_command_leaves_no_child_and_is_kept_as_still_running() {
    let practice = Practice::tiny();
    practice.turns([Turn::Slow(60_000)]);
    let run = practice.start(&CHECK);
    practice.until_on_vm(1);
    let asked = Instant::now();
    run.signal(Signal::INT);
    let ran = run.wait().expect_code(130);
    assert!(asked.elapsed() < Duration::from_secs(5), "az is not waited for");
    assert!(ran.stderr.contains("may still be running on the VM Nexy"), "{}", ran.stderr);
    let left = processes_of(&practice);
    assert!(left.iter().all(|(_, line)| !line.contains("az-stand-in")), "{left:?}");
    // The VM works on: what is next meets a conflict, and is told why.
    let ran = check(&practice).expect_code(3);
    ran.expect_error("NX-VM-10");
    assert!(ran.stderr.contains("The key check of") && ran.stderr.contains("may still be running"), "{}", ran.stderr);
    for (pid, _) in left {
        let _ = kill_process_group(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL);
    }
    eventually("the end on the VM", || processes_of(&practice).is_empty().then_some(()));
    check(&practice).expect_code(0);
}

#[test]
fn two_consoles_ask_the_vm_one_after_the_other() {
    let practice = Practice::tiny();
    practice.turns([Turn::Slow(300), Turn::Slow(300), Turn::Slow(300)]);
    let runs: Vec<_> = (0..3).map(|_| practice.start(&CHECK)).collect();
    for run in runs {
        let ran = run.wait().expect_code(0);
        assert!(!ran.stdout.contains("another command is running"), "they never met on the VM\n{}", ran.stdout);
    }
    assert_eq!(practice.invocations(), 3);
}

#[test]
fn a_run_command_that_somebody_typed_here_is_seen() {
    let practice = Practice::tiny();
    let subscription = Azure::load(&practice.vm()).unwrap().subscription;
    let (here, _elsewhere) = (Stranger::invokes(&subscription), Stranger::invokes("another-one"));
    let ran = check(&practice).expect_code(3);
    ran.expect_error("NX-VM-10");
    assert!(ran.stderr.contains(&format!("Process {}", here.0.id())), "{}", ran.stderr);
    assert_eq!(practice.invocations(), 0);
    drop(here);
    check(&practice).expect_code(0);
}

#[test]
fn row_23_shell_metacharacters_in_every_vm_setting_stay_data() {
    let practice = Practice::tiny();
    let odd = |name: &str| format!("{name}'\"; touch pwned; $(touch pwned) `touch pwned` | & * \\\\ \u{e9}");
    let toml = |text: &str| serde_json::to_string(text).unwrap();
    let world = practice.vm().parent().unwrap().to_owned();
    // Where the name is wrong, Azure says so, and the command to copy is quoted.
    for key in ["vm.name", "vm.resource_group", "vm.subscription"] {
        let before = practice.read("release.toml");
        practice.set(key, &toml(&odd("x")));
        let ran = check(&practice);
        assert!(matches!(ran.code, 3 | 4), "{key}: {}\n{}", ran.code, ran.stderr);
        practice.write("release.toml", before);
    }
    let folder = practice.on_vm(&odd("app"));
    let file = odd("config.env").replace('/', "");
    fs::rename(practice.on_vm(""), practice.vm().join("moved")).unwrap();
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::rename(practice.vm().join("moved"), &folder).unwrap();
    fs::rename(folder.join("config.env"), folder.join(&file)).unwrap();
    practice.set("vm.app_dir", &toml(folder.to_str().unwrap()));
    practice.set("vm.env_files", &format!("[{}]", toml(&file)));
    practice.set("vm.manifests", &format!("[{}]", toml(&(odd("manifest") + ".json"))));
    practice.set("vm.service", &toml(&odd("service")));
    practice.set("vm.push_manifest", "true");
    let ran = practice.publish().expect_code(0);
    assert!(row(&ran, "vm-gemini-key").starts_with("ok "), "{}", ran.stdout);
    assert_eq!(fs::read_to_string(folder.join(odd("manifest") + ".json")).unwrap(), practice.read(support::MANIFEST));
    let pwned = Command::new("find").arg(world).args(["-name", "pwned"]).output().unwrap();
    assert_eq!(String::from_utf8(pwned.stdout).unwrap(), "");
}

#[test]
fn row_22_a_key_on_the_vm_appears_nowhere_else() {
    const CANARY: &str = "AIza-canary-7f3a91";
    let practice = Practice::tiny();
    practice.set("vm.push_manifest", "true");
    fs::write(practice.on_vm("config.env"), format!("GEMINI_API_KEY='{CANARY}'\n")).unwrap();
    let text = practice.run(&["publish", "--yes", "--verbose"]).expect_code(0);
    let json = practice.run(&["--output", "json", "check"]).expect_code(0);
    for said in [&text.stdout, &text.stderr, &json.stdout, &json.stderr] {
        assert!(!said.contains(CANARY), "{said}");
    }
    assert!(text.stderr.contains("run-command"), "the command lines are shown\n{}", text.stderr);
    let world = practice.vm().parent().unwrap().to_owned();
    let found = Command::new("grep").args(["-rl", CANARY]).arg(&world).output().unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    assert_eq!(found.trim(), practice.on_vm("config.env").to_str().unwrap());
}

#[test]
fn row_22_az_gets_what_it_needs_and_no_more() {
    let practice = Practice::tiny();
    let (az, seen) = (practice.path("az"), practice.path("seen"));
    fs::write(&az, format!("#!/bin/sh\n/usr/bin/env > '{}'\necho 4102444800\n", seen.display())).unwrap();
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
    practice.set("vm.program", &format!("[\"{}\"]", az.display()));
    let mut command = practice.command(&["check", "--only", "vm-signin"]);
    command.env("AZURE_CONFIG_DIR", "/nowhere").env("GH_TOKEN", "canary").env("NEXY_DATABASE_URL", "canary");
    Ran::from(command.output().unwrap()).expect_code(0);
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("AZURE_CONFIG_DIR=/nowhere") && !seen.contains("canary"), "{seen}");
    assert!(!seen.contains(practice.host().token()), "{seen}");
}

#[test]
fn what_the_page_says_of_azure_is_read_as_it_is_written() {
    let page = include_str!("../docs/vm.md");
    let block = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let azure: Azure = serde_json::from_str(block).unwrap();
    assert_eq!(azure.turns.len(), 8, "every turn");
    assert!(azure.turns.contains(&Turn::LostEnd) && azure.turns.contains(&Turn::Slow(5000)));
}

#[test]
fn row_24_an_error_after_azure_took_the_command_is_kept_as_still_running() {
    for text in [
        "ERROR: (VMAgentStatusCommunicationError) VM 'Nexy' has not reported status",
        "ERROR: AADSTS700082: The refresh token has expired",
        "ERROR: (AuthorizationFailed) no permission Microsoft.Compute/locations/operations/read",
    ] {
        let practice = Practice::tiny();
        practice.turns([Turn::Accepted { code: 1, text: text.into() }]);
        assert_ne!(check(&practice).code, 0, "{text}");
        let next = check(&practice).expect_code(0);
        assert!(next.stderr.contains("The key check of") && next.stderr.contains("may still be running"), "{text}");
    }
    // What Azure never took leaves nothing behind.
    let practice = Practice::tiny();
    practice
        .az_says(1, "ERROR: (AuthorizationFailed) no permission Microsoft.Compute/virtualMachines/runCommand/action");
    check(&practice).expect_code(4);
    assert!(!check(&practice).expect_code(0).stderr.contains("may still be running"));
}

#[test]
fn a_wait_for_a_busy_vm_is_said_at_its_begin_and_at_its_end_with_what_came_of_it() {
    let practice = Practice::open(Scenario::VmBusy);
    let ran = check(&practice).expect_code(0);
    let line = |text: &str| ran.stdout.lines().position(|line| line.contains(text));
    let begun = line("waiting for up to 1 s").unwrap_or_else(|| panic!("{}", ran.stdout));
    let over = line("waited 1 s for the VM Nexy-practice; sent again: The key check");
    let over = over.unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(begun < over);
    practice.turns([Turn::Busy, Turn::Busy]);
    let ran = check(&practice).expect_code(3);
    assert!(ran.stdout.contains("is still busy"), "{}", ran.stdout);
}

#[test]
fn on_a_terminal_the_wait_for_a_busy_vm_counts_down() {
    let practice = Practice::open(Scenario::VmBusy);
    practice.set("vm.busy_wait_s", "3");
    let mut terminal = Terminal::start(&practice, &CHECK);
    for left in ["3 s left", "2 s left", "1 s left"] {
        terminal.wait_for(left, 1);
    }
    terminal.wait_for("waited 3 s for the VM", 1);
    assert_eq!(terminal.code(), 0);
}
