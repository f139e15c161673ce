//! Manifests and VERSION on the VM: compared, then replaced in one script that refuses when they changed meanwhile.

use std::time::Duration;

use super::client::{Reader, odd};
use super::script::{Ran, decode, encode};
use super::symptom;
use super::turn::{Ended, Script, Turn};
use crate::release::code::{Code, Exit};
use crate::release::failure::Failure;
use crate::release::fingerprint::Digest;
use crate::release::text::Clean;
use crate::release::version::Version;

const LOOK_DEADLINE: Duration = Duration::from_mins(5);
const PUSH_DEADLINE: Duration = Duration::from_mins(10);
/// The push script's exit status where a file is neither as it was nor as it should be.
const CHANGED: i32 = 3;
/// The same where the VM has a version that is not to be taken back.
const NEWER: i32 = 4;

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

/// What the VM should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The version that it offers then.
    pub version: Version,
    /// Its tag, for people.
    pub tag: String,
    /// The highest version that is taken back by it.
    pub up_to: Version,
    /// What the update server reads, the versioned manifests, comes last.
    pub files: Vec<Target>,
}

/// A push that ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// How.
    pub how: Pushed,
    /// What was there before, file by file; `None`: nothing.
    pub before: Vec<Option<Digest>>,
    /// Files on the VM that are newer than now: ours, the first of each pair, was given a time after that.
    pub overtook: Vec<(String, Clean)>,
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

/// The files on the VM, and the highest version that is named there, with the file that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Looked {
    files: Vec<Found>,
    highest: Option<(Version, Clean)>,
}

/// Changes files on the VM; only a confirmed run holds one.
#[derive(Debug, Clone)]
pub struct Writer {
    reader: Reader,
}

impl Reader {
    /// Which VM it is, for people.
    pub fn place(&self) -> String {
        format!("{}/{}", self.vm.resource_group, self.vm.name)
    }

    /// Which of these are not on the VM as they should be, or not what the server reads. Reads only. Fails where a
    /// higher version would be taken back.
    pub async fn to_write<'a>(&self, delivery: &'a Delivery) -> Result<Vec<&'a Target>, Failure> {
        let found = look(&self.turn().await?, delivery).await?;
        let wanting = wanting(&delivery.files, &found.files);
        if !wanting.is_empty() {
            self.refuse_newer(delivery, found.highest)?;
        }
        Ok(wanting)
    }

    fn refuse_newer(&self, delivery: &Delivery, highest: Option<(Version, Clean)>) -> Result<(), Failure> {
        let Some((there, file)) = highest.filter(|(there, _)| *there > delivery.up_to) else { return Ok(()) };
        let Delivery { version, tag, .. } = delivery;
        Err(Failure::new(Code::VmNewer, format!("The VM {} has {there}; {version} would take it back", self.place()))
            .why(format!("{file} says so. Nothing was overwritten."))
            .fix("nexy-release verify --served   (what clients are offered)")
            .fix(format!(
                "If {there} was released, take it back on purpose: nexy-release manifest point {tag} --reason 'what is wrong with {there}'; then: nexy-release manifest push-vm"
            ))
            .fix(format!(
                "If {there} never was, move {file} away on the VM (find '{}' -name '{file}'), then run the same command again",
                self.vm.app_dir
            )))
    }
}

impl Writer {
    /// A writer for what this reader reads.
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// Which VM it is, for people.
    pub fn place(&self) -> String {
        self.reader.place()
    }

    /// Makes these files what they should be, the versioned manifests the newest beside them. All within one turn: nobody
    /// of ours comes between.
    pub async fn push(&self, delivery: &Delivery) -> Result<Sent, Failure> {
        let turn = self.reader.turn().await.map_err(unfinished)?;
        let Looked { files: before, highest } = look(&turn, delivery).await.map_err(unfinished)?;
        let sent = |how, overtook| Sent { how, before: before.iter().map(|found| found.digest).collect(), overtook };
        if wanting(&delivery.files, &before).is_empty() {
            return Ok(sent(Pushed::Already, Vec::new()));
        }
        self.reader.refuse_newer(delivery, highest)?;
        let line = |(target, found): (&Target, &Found)| {
            let old = found.digest.map_or_else(|| "absent".to_owned(), |digest| digest.to_string());
            format!("{} {old} {} {}", encode(&target.path), target.digest(), encode(&target.content))
        };
        let list = delivery.files.iter().zip(&before).map(line).collect::<Vec<_>>().join("\n");
        let up_to = delivery.up_to.to_string();
        let body = concat!(include_str!("../../../assets/vm/versions.sh"), include_str!("../../../assets/vm/push.sh"));
        let parameters = [("NX_FILES", list.as_str()), ("NX_UP_TO", &up_to)];
        let what = "The manifest's way to the VM";
        let script = Script { what, body, parameters: &parameters, deadline: PUSH_DEADLINE, writes: true };
        match turn.run(script).await? {
            Ended::Ran(ran) => self.judge(&turn, delivery, &ran).map(|overtook| sent(Pushed::Written, overtook)),
            Ended::Refused(failure) => Err(unfinished(failure)),
            Ended::Unknown(failure) => {
                self.reconcile(&turn, delivery, &before, failure).await?;
                Ok(sent(Pushed::Reconciled, Vec::new()))
            }
        }
    }

    /// Whether the script did its work; answers what it overtook.
    fn judge(&self, turn: &Turn<'_>, delivery: &Delivery, ran: &Ran) -> Result<Vec<(String, Clean)>, Failure> {
        let (name, targets) = (&self.reader.vm.name, &delivery.files);
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
        if ran.rc == NEWER {
            self.reader.refuse_newer(delivery, highest(&ran.lines))?;
        }
        if ran.rc != 0 {
            return Err(unfinished(given_up(turn.failed("The manifest's way to the VM", ran), ran)));
        }
        let found = found(&ran.lines, targets.len()).ok_or_else(|| odd("The VM did not tell what it wrote"))?;
        let again =
            |what: String, why: &str| Failure::new(Code::VmPush, what).why(why).fix("Run the same command again");
        for (target, found) in targets.iter().zip(found) {
            if found.digest != Some(target.digest()) {
                let what = format!("{} on the VM {name} has other bytes than were sent", target.path);
                return Err(again(what, "It was read back after it was written."));
            }
            if found.outdated {
                let what = format!("{} on the VM {name} is not the newest manifest beside it", target.path);
                return Err(again(what, "Another one was written meanwhile, and the update server reads that."));
            }
        }
        let overtook = |(number, target): (usize, &Target)| {
            let name = ran.lines.iter().find_map(|line| line.strip_prefix(&format!("OVERTOOK {number} ")))?;
            Some((target.path.clone(), Clean::line(&decode(name)?, 100)))
        };
        Ok(targets.iter().enumerate().filter_map(overtook).collect())
    }

    /// Looks at what is there after a script whose end is not known; it is not sent again.
    async fn reconcile(
        &self,
        turn: &Turn<'_>,
        delivery: &Delivery,
        before: &[Found],
        unknown: Failure,
    ) -> Result<(), Failure> {
        let told = unknown.code == Code::VmUnknown;
        let why = match look(turn, delivery).await {
            Ok(now) if wanting(&delivery.files, &now.files).is_empty() => return Ok(()),
            Err(failure) if failure.code == Code::Interrupted => return Err(failure),
            // Azure runs one at a time: what ran after it shows that it is over.
            Ok(now) if now.files == before && !told => {
                let why = format!("{} A look shows that nothing was written.", unknown.why);
                return Err(unfinished(unknown.why(why)));
            }
            Ok(now) if now.files == before => "A look shows that nothing was written yet.".to_owned(),
            Ok(_) => "A look shows that only a part was written yet.".to_owned(),
            Err(failure) => format!("A look at the VM failed as well: {}.", failure.what),
        };
        let mut failure = if told {
            let why = format!("{} {why}", unknown.why);
            unknown.why(why)
        } else {
            // What az says is no answer to what the script did.
            let why = format!("{}. {} {why}", unknown.what, unknown.why);
            let mut failure = symptom::unknown(&self.reader.vm, why);
            failure.fix.splice(0..0, unknown.fix);
            failure
        };
        failure = failure.fix("Then run the same command again: what is there is not written twice");
        Err(unfinished(failure))
    }
}

/// What stands on the VM after a script that could not write all of it.
fn given_up(failure: Failure, ran: &Ran) -> Failure {
    let said = |word: &str| {
        let folder = ran.lines.iter().find_map(|line| line.strip_prefix(word))?;
        Some(Clean::line(&decode(folder)?, 200))
    };
    let why = failure.why.clone();
    if said("RESTORED ").is_some() {
        failure.why(format!("{why} Every file there is as it was before."))
    } else if let Some(kept) = said("PARTLY ") {
        failure
            .why(format!("{why} What was written could not all be put back: some files there are new, some old."))
            .fix(format!("On the VM the files of before are in {kept}"))
    } else {
        failure
    }
}

/// After the publication nothing blocks any more: it is unfinished, and the same command goes on.
fn unfinished(mut failure: Failure) -> Failure {
    if failure.exit() == Exit::Blocked {
        failure.code = Code::VmPush;
    }
    failure
}

async fn look(turn: &Turn<'_>, delivery: &Delivery) -> Result<Looked, Failure> {
    let list = delivery.files.iter().map(|target| encode(&target.path)).collect::<Vec<_>>().join("\n");
    let body = concat!(include_str!("../../../assets/vm/versions.sh"), include_str!("../../../assets/vm/state.sh"));
    let parameters = [("NX_FILES", list.as_str())];
    let what = "A look at the manifests";
    let script = Script { what, body, parameters: &parameters, deadline: LOOK_DEADLINE, writes: false };
    let lines = turn.read(script).await?;
    let files = found(&lines, delivery.files.len());
    let files = files.ok_or_else(|| odd("The VM's answer about its manifests is not understood"))?;
    Ok(Looked { files, highest: highest(&lines) })
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

/// The line `HIGHEST VERSION FILE`.
fn highest(lines: &[String]) -> Option<(Version, Clean)> {
    let (version, file) = lines.iter().find_map(|line| line.strip_prefix("HIGHEST ")?.split_once(' '))?;
    Some((version.parse().ok()?, Clean::line(file, 100)))
}

fn wanting<'a>(targets: &'a [Target], found: &[Found]) -> Vec<&'a Target> {
    let wrong = |target: &Target, found: &Found| found.outdated || found.digest != Some(target.digest());
    targets.iter().zip(found).filter(|(target, found)| wrong(target, found)).map(|(target, _)| target).collect()
}
