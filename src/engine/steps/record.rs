//! `record`: the journal's entry and the final checklist (SPEC §9).

use serde_json::{Map, Value, json};

use super::Summary;
use crate::engine::event::Event;
use crate::engine::execution::{Execution, Public};
use crate::release::checklist::{Item, State};
use crate::release::failure::Failure;

/// Writes the entry and shows the checklist.
pub fn run(x: &Execution) -> Result<(Summary, ()), Failure> {
    journal(x, None)?;
    let items = checklist(x);
    let open = items.iter().filter(|item| item.state == State::Pending).count();
    x.events.send(Event::Report { kind: "checklist".into(), data: json!(items) });
    Ok((Summary::ok(format!("journal written, {open} lines of the checklist pending")), ()))
}

/// Adds this run to the journal: done, or what stopped it.
pub fn journal(x: &Execution, stopped: Option<(&Failure, Public)>) -> Result<(), Failure> {
    let plan = &x.plan;
    let assets: Vec<_> = plan
        .assets
        .iter()
        .map(|a| json!({ "name": a.name, "size": a.size, "sha256": a.sha256, "action": a.action }))
        .collect();
    let root = x.workspace.reader().root();
    let files: Vec<_> = plan
        .manifest
        .iter()
        .flat_map(|manifest| &manifest.files)
        .map(|file| {
            let after = crate::world::files::digest(&root.join(&file.path)).ok().flatten();
            json!({ "path": file.path, "before": file.before, "after": after })
        })
        .collect();
    let waivers: Map<String, Value> =
        x.waivers.iter().map(|(id, reason)| (id.to_string(), reason.as_str().into())).collect();
    let mut entry = Map::new();
    entry.insert("run".into(), x.run.as_str().into());
    entry.insert("command".into(), "publish".into());
    entry.insert("outcome".into(), if stopped.is_some() { "failed" } else { "done" }.into());
    entry.insert("repo".into(), plan.repo.as_str().into());
    entry.insert("tag".into(), plan.tag.as_str().into());
    entry.insert("version".into(), json!(plan.version));
    entry.insert("plan".into(), json!(plan.hash));
    entry.insert("assets".into(), assets.into());
    entry.insert("manifest".into(), files.into());
    entry.insert("waived".into(), waivers.into());
    if let Some((failure, public)) = stopped {
        let public = match public {
            Public::No => json!(false),
            Public::Yes => json!(true),
            Public::Unknown => Value::Null,
        };
        entry.insert("public".into(), public);
        entry.insert("code".into(), json!(failure.code));
        entry.insert("message".into(), json!(failure.what));
    }
    x.workspace.record(entry)
}

/// Every line with its evidence. What this run does not deliver is pending, with the command that does.
fn checklist(x: &Execution) -> Vec<Item> {
    let (plan, settings) = (&x.plan, &x.snapshot.settings);
    let tag = &plan.tag;
    let names = plan.assets.iter().map(|asset| asset.name.as_str()).collect::<Vec<_>>().join(", ");
    let page = format!("{}/{}/releases/tag/{tag}", settings.github.web_url, plan.repo);
    let manifest = match &plan.manifest {
        Some(manifest) => Item::ok("manifest-synced", format!("{} files equal", manifest.files.len())),
        None => Item::not_applicable("manifest-synced", "no DMG: the manifest is untouched"),
    };
    let paths = plan.manifest.iter().flat_map(|manifest| &manifest.files).map(|file| format!("'{}'", file.path));
    let paths = paths.collect::<Vec<_>>().join(" ");
    let pushed = match &plan.manifest {
        Some(_) => Item::pending(
            "manifest-pushed",
            format!("git add {paths} && git commit -m 'release: manifest {tag}' -- {paths} && git push"),
        ),
        None => Item::not_applicable("manifest-pushed", "no manifest was written"),
    };
    let served = match &settings.updates.updates_url {
        Some(url) => Item::pending("served", format!("curl -fsS {url}/appcast.xml")),
        None => Item::not_applicable("served", "no update server in the settings"),
    };
    let durable = |id: &str, command: &str| {
        if settings.database.enabled {
            Item::pending(id, command)
        } else {
            Item::not_applicable(id, "database.enabled = false")
        }
    };
    vec![
        Item::ok("inbox", names),
        Item::ok("complete", format!("run {}", x.run)),
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
