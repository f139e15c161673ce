//! Manifests and VERSION on the VM: compared, then replaced in one script that refuses when they changed meanwhile.

use std::time::Duration;

use super::client::{Reader, odd};
use super::script::{Ran, encode};
use super::turn::{Ended, Script, Turn};
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;

const LOOK_DEADLINE: Duration = Duration::from_mins(5);
const PUSH_DEADLINE: Duration = Duration::from_mins(10);
/// The push script's exit status where a file is neither as it was nor as it should be.
const CHANGED: i32 = 3;

/// A file as it should be on the VM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Relative to `vm.app_dir`.
    pub path: String,
    /// The whole of it.
    pub content: String,
}

impl Target {
    fn digest(&self) -> Digest {
        Digest::of(&self.content)
    }
}

/// How a push ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// Everything was there already, and is what the server reads.
    Already,
    /// Written and read back.
    Written,
    /// How the script ended was not told; a look shows that it did its work.
    Reconciled,
}

/// A file on the VM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    /// Of its bytes; `None`: it is not there.
    digest: Option<Digest>,
    /// A versioned manifest beside it is newer: the server reads that one.
    outdated: bool,
}

/// Changes files on the VM; only a confirmed run holds one.
#[derive(Debug, Clone)]
pub struct Writer {
    reader: Reader,
}

impl Reader {
    /// Which of these are not on the VM as they should be, or not what the server reads. Reads only.
    pub async fn to_write<'a>(&self, targets: &'a [Target]) -> Result<Vec<&'a Target>, Failure> {
        let found = look(&self.turn().await?, targets).await?;
        Ok(wanting(targets, &found))
    }
}

impl Writer {
    /// A writer for what this reader reads.
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// Makes these files what they should be, the last one the newest. All within one turn: nobody of ours comes between.
    pub async fn push(&self, targets: &[Target]) -> Result<Pushed, Failure> {
        let turn = self.reader.turn().await.map_err(unfinished)?;
        let before = look(&turn, targets).await.map_err(unfinished)?;
        if wanting(targets, &before).is_empty() {
            return Ok(Pushed::Already);
        }
        let line = |(target, found): (&Target, &Found)| {
            let old = found.digest.map_or_else(|| "absent".to_owned(), |digest| digest.to_string());
            format!("{} {old} {} {}", encode(&target.path), target.digest(), encode(&target.content))
        };
        let list = targets.iter().zip(&before).map(line).collect::<Vec<_>>().join("\n");
        let body = include_str!("../../../assets/vm/push.sh");
        let parameters = [("NX_FILES", list.as_str())];
        let script =
            Script { what: "The manifest's way to the VM", body, parameters: &parameters, deadline: PUSH_DEADLINE };
        match turn.run(script).await? {
            Ended::Ran(ran) => self.judge(&turn, targets, &ran),
            Ended::Refused(failure) => Err(unfinished(failure)),
            Ended::Unknown(failure) => reconcile(&turn, targets, &before, failure).await,
        }
    }

    fn judge(&self, turn: &Turn<'_>, targets: &[Target], ran: &Ran) -> Result<Pushed, Failure> {
        let name = &self.reader.vm.name;
        if ran.rc == CHANGED {
            let changed = targets
                .iter()
                .enumerate()
                .filter(|(number, _)| ran.lines.iter().any(|line| line.starts_with(&format!("CHANGED {number} "))));
            let changed = changed.map(|(_, target)| target.path.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Failure::new(
                Code::VmChanged,
                format!("Somebody changed {changed} on the VM {name} meanwhile"),
            )
            .why("Nothing was overwritten.")
            .fix("Ask who works on the VM, then run the same command again"));
        }
        if ran.rc != 0 {
            return Err(unfinished(turn.failed("The manifest's way to the VM", ran)));
        }
        let found = found(&ran.lines, targets.len()).ok_or_else(|| odd("The VM did not tell what it wrote"))?;
        if let Some((target, _)) = targets.iter().zip(found).find(|(t, found)| found.digest != Some(t.digest())) {
            return Err(Failure::new(
                Code::VmPush,
                format!("{} on the VM {name} has other bytes than were sent", target.path),
            )
            .why("It was read back after it was written.")
            .fix("Run the same command again"));
        }
        Ok(Pushed::Written)
    }
}

/// Looks at what is there after a script whose end is not known; it is not sent again.
async fn reconcile(turn: &Turn<'_>, targets: &[Target], before: &[Found], unknown: Failure) -> Result<Pushed, Failure> {
    let why = match look(turn, targets).await {
        Ok(now) if wanting(targets, &now).is_empty() => return Ok(Pushed::Reconciled),
        Err(failure) if failure.code == Code::Interrupted => return Err(failure),
        Ok(now) if now == before => "A look shows that nothing was written yet.".to_owned(),
        Ok(_) => "A look shows that only a part was written yet.".to_owned(),
        Err(failure) => format!("A look at the VM failed as well: {}.", failure.what),
    };
    let why = format!("{} {why}", unknown.why);
    Err(unfinished(unknown).why(why).fix("Then run the same command again: what is there is not written twice"))
}

/// After the publication nothing blocks any more: it is unfinished, and the same command goes on.
fn unfinished(mut failure: Failure) -> Failure {
    if failure.exit() == Exit::Blocked {
        failure.code = Code::VmPush;
    }
    failure
}

async fn look(turn: &Turn<'_>, targets: &[Target]) -> Result<Vec<Found>, Failure> {
    let list = targets.iter().map(|target| encode(&target.path)).collect::<Vec<_>>().join("\n");
    let body = include_str!("../../../assets/vm/state.sh");
    let parameters = [("NX_FILES", list.as_str())];
    let script = Script { what: "A look at the manifests", body, parameters: &parameters, deadline: LOOK_DEADLINE };
    let lines = turn.read(script).await?;
    found(&lines, targets.len()).ok_or_else(|| odd("The VM's answer about its manifests is not understood"))
}

/// The lines `FILE NUMBER DIGEST` of all files, and `NEWER NUMBER` of some.
fn found(lines: &[String], count: usize) -> Option<Vec<Found>> {
    let one = |number: usize| {
        let said = lines.iter().find_map(|line| line.strip_prefix(&format!("FILE {number} ")))?;
        let digest = if said == "absent" { None } else { Some(said.parse().ok()?) };
        Some(Found { digest, outdated: lines.contains(&format!("NEWER {number}")) })
    };
    (0..count).map(one).collect()
}

fn wanting<'a>(targets: &'a [Target], found: &[Found]) -> Vec<&'a Target> {
    let wrong = |target: &Target, found: &Found| found.outdated || found.digest != Some(target.digest());
    targets.iter().zip(found).filter(|(target, found)| wrong(target, found)).map(|(target, _)| target).collect()
}
