//! What az prints when something is wrong, as a failure with its own code (facts/AZURE.md: symptom → message → fix).

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::Vm;
use crate::world::process::{Output, ProcessError};

use super::client::Reader;

/// The sentence of a VM that is busy; a bare "Conflict" can mean anything.
const BUSY: &str = "Run command extension execution is in progress";

/// What an answer other than success means.
#[derive(Debug, Clone)]
pub(super) struct Symptom {
    /// The same for people.
    pub failure: Failure,
    /// Whether a command may be at work on the VM all the same.
    pub reached: Reached,
}

/// How far a command came that az answers with an error. az waits for the end of what Azure took, and any of its requests
/// meanwhile can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It never left this machine.
    Never,
    /// Azure answers so before it takes a command; hardly after.
    Refused,
    /// Azure may have taken it before.
    Perhaps,
}

/// As it is put on a command line that a person copies.
pub fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| "…".to_owned(), std::borrow::Cow::into_owned)
}

/// `-g RG -n VM`, to be copied.
fn target(vm: &Vm) -> String {
    format!("-g {} -n {}", quoted(&vm.resource_group), quoted(&vm.name))
}

/// az did not run, or did not end.
pub(super) fn unstarted(vm: &Vm, error: &ProcessError) -> Failure {
    match error {
        ProcessError::NotFound(_) => missing(vm),
        error => Failure::new(Code::VmCli, format!("The Azure CLI did not answer: {error}"))
            .why("What is on the VM is asked through it.")
            .fix("az version")
            .fix("Run the same command again"),
    }
}

fn missing(vm: &Vm) -> Failure {
    let program = vm.program.first().map_or("az", String::as_str);
    Reader::without(
        Failure::new(Code::VmNoCli, format!("The Azure CLI is not installed: {program}"))
            .why("What is on the VM is asked through it.")
            .fix("brew install azure-cli   (Debian: sudo apt install azure-cli)")
            .fix("az login"),
    )
}

/// A command is running on the VM.
pub(super) fn busy(vm: &Vm, what: impl Into<Clean>) -> Failure {
    Failure::new(Code::VmBusy, what)
        .why("Azure runs one command at a time on a VM.")
        .fix("Wait until it is done, then run the same command again")
        .fix(format!(
            "It hangs? This kills the script that runs there, so a person decides: az vm run-command invoke {} --command-id RemoveRunCommandLinuxExtension",
            target(vm)
        ))
}

/// Whether Azure refused because a command is running. The full sentence only.
pub(super) fn is_busy(output: &Output) -> bool {
    let text = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    output.code != Some(0) && text.contains(BUSY)
}

/// How a command ended is not known.
pub(super) fn unknown(vm: &Vm, why: impl Into<Clean>) -> Failure {
    Failure::new(
        Code::VmUnknown,
        format!("How a command on the VM {} ended is UNKNOWN; it may still be running", vm.name),
    )
    .why(why)
    .fix("nexy-release check --only vm-run-command   (looks again, and changes nothing)")
}

/// What az says on its standard error.
pub(super) fn of(vm: &Vm, output: &Output) -> Symptom {
    let text = output.stderr.as_str();
    let line =
        text.lines().find(|line| line.starts_with("ERROR:")).or_else(|| text.lines().find(|l| !l.trim().is_empty()));
    let said = Clean::line(line.unwrap_or("az printed nothing"), 300);
    let word =
        text.lines().find_map(|line| line.strip_prefix("ERROR: (")?.split_once(')')).map_or("", |(word, _)| word);
    let failure = if output.code == Some(127) {
        Some(missing(vm))
    } else {
        by_word(vm, word, text).or_else(|| by_literal(vm, text))
    };
    let reached = match (output.code, failure.as_ref().map(|failure| failure.code)) {
        // A command line that this az does not take never reached Azure.
        (Some(2 | 127), _) => Reached::Never,
        // The permission to look how it goes is another one than that to begin.
        (_, Some(Code::VmForbidden)) if text.contains("/operations/") => Reached::Perhaps,
        (
            _,
            Some(
                Code::VmSignedOut
                | Code::VmSubscription
                | Code::VmMissing
                | Code::VmForbidden
                | Code::VmStopped
                | Code::VmDisabled,
            ),
        ) => Reached::Refused,
        _ => Reached::Perhaps,
    };
    let failure = failure.unwrap_or_else(|| {
        let code = output.code.map_or_else(|| "a signal ended it".to_owned(), |code| format!("exit code {code}"));
        Failure::new(Code::VmCli, format!("The Azure CLI failed ({code}): {said}"))
            .why("This message is not known.")
            .fix("az version")
            .fix(format!("az vm get-instance-view {} --query instanceView.statuses -o table", target(vm)))
    });
    let why = if failure.code == Code::VmCli || said.is_empty() {
        failure.why.clone()
    } else {
        format!("{} az says: {said}", failure.why).into()
    };
    Symptom { failure: failure.why(why), reached }
}

/// By the code of the service.
fn by_word(vm: &Vm, word: &str, text: &str) -> Option<Failure> {
    let Vm { name, resource_group, .. } = vm;
    Some(match word {
        "ResourceGroupNotFound" | "ResourceNotFound" => Reader::without(
            Failure::new(Code::VmMissing, format!("There is no VM {name} in the resource group {resource_group}"))
                .why("The settings name another one, or the subscription is another one.")
                .fix(format!("az vm list --query {} -o table", quoted(&format!("[?name=='{name}']"))))
                .fix("nexy-release config show   (vm.resource_group, vm.name, vm.subscription)"),
        ),
        "AuthorizationFailed" | "LinkedAuthorizationFailed" => {
            Failure::new(Code::VmForbidden, format!("This Azure account may not run commands on the VM {name}"))
                .why("The permission Microsoft.Compute/virtualMachines/runCommand/action is missing.")
                .fix("Ask the owner of the subscription for the role Virtual Machine Contributor")
        }
        "OperationNotAllowed" if text.contains("to be running") => {
            Failure::new(Code::VmStopped, format!("The VM {name} is stopped"))
                .why("Commands run on a running VM only.")
                .fix(format!("az vm start {}", target(vm)))
        }
        "VMAgentStatusCommunicationError" => {
            Failure::new(Code::VmAgent, format!("The agent of the VM {name} does not report"))
                .why("It runs the commands.")
                .fix(format!("az vm get-instance-view {} --query instanceView.vmAgent", target(vm)))
                .fix(format!("az vm restart {}   (the server is away for a minute)", target(vm)))
        }
        "ReadOnlyDisabledSubscription" => Failure::new(Code::VmDisabled, "The Azure subscription is disabled")
            .why("Trying again does not help.")
            .fix("https://portal.azure.com: Subscriptions, the subscription, Reactivate"),
        "SubscriptionNotFound" => subscription(vm),
        "ExpiredAuthenticationToken" | "InvalidAuthenticationToken" => expired(),
        "VMExtensionProvisioningTimeout" => unknown(vm, "It ran past Azure's limit."),
        _ => return None,
    })
}

/// By the wording of az itself.
fn by_literal(vm: &Vm, text: &str) -> Option<Failure> {
    if text.contains("AADSTS") {
        return Some(expired());
    }
    if text.contains("Please run 'az login'") || text.contains("does not exist in MSAL token cache") {
        let failure = Failure::new(Code::VmSignedOut, "Nobody is signed in to Azure").why("az has no sign-in here.");
        return Some(Reader::without(failure.fix("az login")));
    }
    let of_subscription = |end: &str| text.contains("ubscription") && text.contains(end);
    if of_subscription("' not found") || of_subscription("doesn't exist") {
        return Some(subscription(vm));
    }
    text.contains("CERTIFICATE_VERIFY_FAILED").then(|| {
        Failure::new(Code::VmTls, "The Azure CLI does not trust the certificate that it is shown")
            .why("Usually a proxy that opens TLS stands between.")
            .fix("export REQUESTS_CA_BUNDLE=/path/of/the/proxy-ca.pem")
    })
}

fn expired() -> Failure {
    Failure::new(Code::VmExpired, "The Azure sign-in has expired, or wants a second factor")
        .why("`az account show` still answers with an expired one.")
        .fix("az logout; az login --tenant TENANT")
}

fn subscription(vm: &Vm) -> Failure {
    let name = vm.subscription.as_deref().unwrap_or("SUBSCRIPTION");
    Failure::new(Code::VmSubscription, format!("This Azure account has no subscription {name}"))
        .why("The account or `vm.subscription` is the wrong one.")
        .fix("az account list -o table")
        .fix(format!("az account set -s {}", quoted(name)))
}
