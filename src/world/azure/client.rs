//! Runs the Azure CLI: the prefix of `vm.program`, a clean environment, and a deadline for each command.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::symptom;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::text::Clean;
use crate::settings::{Environment, Vm};
use crate::world::process::{self, Output, ProcessError};
use crate::world::stop::{Stop, interrupted};

const TOKEN_DEADLINE: Duration = Duration::from_secs(30);
/// What az needs to find its sign-in and the way out, besides what every child gets.
const VARIABLES: [&str; 15] = [
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "AZURE_CONFIG_DIR",
    "AZURE_EXTENSION_DIR",
    "AZURE_CORE_INSTANCE_DISCOVERY",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
];
/// No colours, no questions, and no telemetry process that outlives az.
const FIXED: [(&str, &str); 4] = [
    ("AZURE_CORE_NO_COLOR", "true"),
    ("AZURE_CORE_COLLECT_TELEMETRY", "false"),
    ("AZURE_CORE_SURVEY_MESSAGE", "false"),
    ("AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no"),
];

/// Something that a person hears of while the VM is asked.
#[derive(Debug, Clone)]
pub enum Said {
    /// A wait, why and how long.
    Wait(Clean, Duration),
    /// The end of it, and what came of it.
    Waited(Clean),
    /// To be looked at.
    Warning(Clean),
}

/// Told of it.
pub type Say = Arc<dyn Fn(Said) + Send + Sync>;

/// Asks the VM; it runs scripts that only read.
#[derive(Clone)]
pub struct Reader {
    pub(super) vm: Arc<Vm>,
    variables: Arc<Vec<(String, String)>>,
    pub(super) stop: Stop,
    pub(super) say: Say,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("vm", &self.vm.name).finish_non_exhaustive()
    }
}

impl Reader {
    /// A reader of the VM of the settings. Starts nothing yet.
    pub fn new(vm: &Vm, environment: &Environment, stop: &Stop, say: Say) -> Self {
        let own = environment.only(&VARIABLES).into_iter();
        let fixed = FIXED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { vm: Arc::new(vm.clone()), variables: Arc::new(own.chain(fixed).collect()), stop: stop.clone(), say }
    }

    /// Until when the sign-in is good, where az tells. `az account show` is not asked: it answers with an expired one.
    pub async fn signed_in(&self) -> Result<Option<Timestamp>, Failure> {
        let asked = self.az(&["account", "get-access-token", "--query", "expires_on"], TOKEN_DEADLINE).await;
        let output = match asked {
            Ok(output) => output,
            Err(ProcessError::Interrupted(_)) => return Err(interrupted()),
            Err(error) => return Err(symptom::unstarted(&self.vm, &error)),
        };
        if output.code != Some(0) {
            return Err(symptom::of(&self.vm, &output).failure);
        }
        let seconds = output.stdout.trim().trim_matches('"').parse::<i64>().ok();
        Ok(seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()))
    }

    /// Runs az with these arguments, then the subscription and the form of the answer.
    pub(super) async fn az(&self, arguments: &[&str], deadline: Duration) -> Result<Output, ProcessError> {
        let mut argv: Vec<&str> = self.vm.program.iter().map(String::as_str).collect();
        argv.extend(arguments);
        if let Some(subscription) = &self.vm.subscription {
            argv.extend(["--subscription", subscription]);
        }
        argv.extend(["--only-show-errors", "-o", "json"]);
        process::run(&argv, self.variables.iter().map(|(name, value)| (name, value)), deadline, &self.stop).await
    }

    /// The way round a VM that cannot be asked.
    pub(super) fn without(failure: Failure) -> Failure {
        failure.fix("Where there is no VM: vm.enabled = false in release.toml")
    }
}

/// Why an answer of az is not understood.
pub(super) fn odd(what: impl Into<Clean>) -> Failure {
    Failure::new(Code::VmCli, what).fix("az version").fix("Run the same command again")
}
