//! `record`: the journal's entry and the final checklist (SPEC §9).

use serde_json::json;

use super::Summary;
use super::git::Delivered;
use crate::engine::account;
use crate::engine::event::Event;
use crate::engine::execution::{Execution, Public};
use crate::engine::routing::message;
use crate::release::checklist::{Item, State};
use crate::release::failure::Failure;
use crate::release::journal::{Ending, Entry, File};
use crate::release::plan::{Action, Plan};
use crate::settings::Settings;
use crate::world::claim::Claim;

/// Writes the entry and shows the checklist. `served`: its line, from the gate.
pub async fn run(
    x: &Execution,
    delivered: &Delivered,
    served: Item,
    on_vm: Vec<File>,
) -> Result<(Summary, ()), Failure> {
    give_up_additions(x)?;
    let mut entry = concluded(x, None).await;
    entry.manifest.extend(on_vm);
    x.workspace.record(&entry)?;
    let items = own_checklist(x, delivered, served);
    let open = items.iter().filter(|item| item.state == State::Pending).count();
    x.events.send(Event::Report { kind: "checklist".into(), data: json!(items) });
    Ok((Summary::ok(format!("journal written, {open} lines of the checklist pending")), ()))
}

/// Every asset is whole: a run that was stopped right after its sending may have left its claim on one.
fn give_up_additions(x: &Execution) -> Result<(), Failure> {
    for asset in &x.plan.assets {
        let claim = Claim::Addition(&x.plan.tag, &asset.name);
        if matches!(x.workspace.reader().claimed(&x.plan.repo, claim), Ok(Some(_))) {
            x.workspace.unclaim(claim)?;
        }
    }
    Ok(())
}

/// Shows the checklist of a release that is public, and that the gate did not pass.
pub fn unfinished(x: &Execution, delivered: &Delivered, failure: &Failure) {
    let mut items = own_checklist(x, delivered, Item::failed("served", failure.what.clone()));
    for item in items.iter_mut().filter(|item| item.id.as_str() == "complete") {
        *item = Item::failed("complete", format!("stopped at the gate: {}", failure.code));
    }
    x.events.send(Event::Report { kind: "checklist".into(), data: json!(items) });
}

fn own_checklist(x: &Execution, delivered: &Delivered, served: Item) -> Vec<Item> {
    let names = x.plan.assets.iter().map(|asset| asset.name.as_str()).collect::<Vec<_>>().join(", ");
    let inbox = Item::ok("inbox", names);
    checklist(&x.plan, &x.snapshot.settings, &x.caller.run, [inbox, served], delivered)
}

/// Notes that a publication begins: of a run that is killed nothing else would tell who published.
pub fn begun(x: &Execution) -> Result<(), Failure> {
    let mut entry = entry(x);
    entry.outcome = Ending::Begun;
    x.workspace.record(&entry)
}

fn entry(x: &Execution) -> Entry {
    let mut entry = account::of("publish", &x.caller, &x.plan, x.workspace.reader().root());
    entry.who.login = x.snapshot.login();
    entry.waived = x.waivers.iter().map(|(id, reason)| (id.as_str().into(), reason.clone())).collect();
    entry
}

/// Adds this run to the journal, with what stopped it.
pub async fn journal(x: &Execution, stopped: (&Failure, Public)) -> Result<(), Failure> {
    x.workspace.record(&concluded(x, Some(stopped)).await)
}

async fn concluded(x: &Execution, stopped: Option<(&Failure, Public)>) -> Entry {
    let mut entry = entry(x);
    let public = stopped.as_ref().map_or(Public::Yes, |(_, public)| *public);
    let published = x.remote().await.ok().and_then(|remote| remote.published.as_ref());
    for (asset, planned) in entry.assets.iter_mut().zip(&x.plan.assets) {
        asset.before = published.and_then(|release| release.asset(&planned.name)?.digest);
        asset.after = match public {
            // How far an addition came is not known when the run failed.
            Public::Yes if stopped.is_some() && planned.action == Action::Extend => asset.before,
            Public::Yes => Some(planned.sha256),
            Public::No => asset.before,
            Public::Unknown => None,
        };
    }
    match stopped {
        Some((failure, public)) => account::stopped(entry, failure, public),
        None => Entry { public: Some(true), ..entry },
    }
}

/// The line `served` of a run that delivered nothing to the servers.
pub fn undelivered(settings: &Settings) -> Item {
    if settings.updates.updates_url.is_none() && settings.updates.health_url.is_none() {
        return Item::not_applicable("served", "no update server in the settings");
    }
    Item::pending("served", settings.delivers())
}

/// Every line with its evidence. What this run does not deliver is pending, with the command that does.
pub fn checklist(
    plan: &Plan,
    settings: &Settings,
    run: &str,
    [inbox, served]: [Item; 2],
    delivered: &Delivered,
) -> Vec<Item> {
    let tag = &plan.tag;
    let page = format!("{}/{}/releases/tag/{tag}", settings.github.web_url, plan.repo);
    let manifest = match &plan.manifest {
        Some(manifest) => Item::ok("manifest-synced", format!("{} files equal", manifest.files.len())),
        None => Item::not_applicable("manifest-synced", "no DMG: the manifest is untouched"),
    };
    let paths = plan.manifest.iter().flat_map(|manifest| &manifest.files).map(|file| format!("'{}'", file.path));
    let paths = paths.collect::<Vec<_>>().join(" ");
    let pushed = match (&plan.manifest, delivered) {
        (None, _) => Item::not_applicable("manifest-pushed", "no manifest was written"),
        (Some(_), Delivered::Pushed { commit, place, .. }) => {
            Item::ok("manifest-pushed", format!("{commit} in {place}"))
        }
        (Some(_), Delivered::Committed { push, .. }) => Item::pending("manifest-pushed", push.as_str()),
        (Some(_), Delivered::No) => Item::pending(
            "manifest-pushed",
            format!("git add {paths} && git commit -m '{}' -- {paths} && git push", message(tag)),
        ),
    };
    let durable = |id: &str, command: &str| {
        if settings.database.enabled {
            Item::pending(id, command)
        } else {
            Item::not_applicable(id, "database.enabled = false")
        }
    };
    vec![
        inbox,
        Item::ok("complete", format!("run {run}")),
        Item::ok("assets-public", page),
        manifest,
        pushed,
        served,
        Item::pending(
            "code-tag",
            format!("git ls-remote --tags https://github.com/{}.git {tag}", settings.git.expected_repo),
        ),
        durable("backup", "./server/scripts/db_backup.sh"),
        durable("drill", "./server/scripts/db_restore_drill.sh"),
    ]
}
