//! `update-server`: the health pages answer, and the main server's version is not behind the manifests beside it.

use url::Url;

use super::{Finding, Snapshot};
use crate::engine::{servers, verification};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::served::{Health, Source, health};
use crate::release::text::Clean;
use crate::world::updates::Asked;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let servers = &facts.settings.updates;
    if servers.health_url.is_none() && servers.updates_url.is_none() {
        return Finding::skipped("no updates.health_url, no updates.updates_url");
    }
    let pages = match facts.health().await {
        Err(failure) => return Finding::failed(failure).waivable(),
        Ok(pages) => pages,
    };
    let mut says = Vec::new();
    for Asked { source, url, page } in pages {
        let page = match page {
            Err(failure) => return Finding::failed(failure.clone()).waivable(),
            Ok(page) => page,
        };
        match health(*source, page.status, &page.body) {
            Err(why) => return Finding::failed(broken(facts, *source, url, &why)).waivable(),
            Ok(found) => says.push((*source, found)),
        }
    }
    let of = |source| says.iter().find(|(known, _)| *known == source).map(|(_, says)| says);
    if let (Some(main), Some(manifest)) = (of(Source::Health), of(Source::UpdatesHealth))
        && let Some(failure) = stale(facts, main, manifest)
    {
        return Finding::failed(failure).waivable();
    }
    let said = says.iter().map(|(source, says)| match says.says() {
        Some(said) => format!("{} {}", source.as_str(), Clean::line(said, 60)),
        None => format!("{} names no version", source.as_str()),
    });
    // What is wrong with the manifest here is for other checks to say.
    let behind = match (of(Source::UpdatesHealth).and_then(Health::version), verification::offered(facts).await) {
        (Some(there), Ok(here)) if there < here => format!("; the manifest here offers {here}"),
        _ => String::new(),
    };
    Finding::ok(format!("{}{behind}", said.collect::<Vec<_>>().join(", ")))
}

fn broken(facts: &Snapshot, source: Source, url: &Url, why: &str) -> Failure {
    Failure::new(Code::ServedBroken, format!("{}: {why}", source.as_str()))
        .why("Clients get no update while it is so. The release itself does not need the servers.")
        .fix(format!("curl -i '{url}'"))
        .fix(format!("sudo systemctl status {}   (on the VM)", facts.settings.vm.service))
        .fix(format!(
            "nexy-release explain - < LOG   (of: journalctl -u {} -n 50, on the VM)",
            facts.settings.vm.service
        ))
        .fix("To release all the same: nexy-release publish --waive update-server=REASON")
}

/// The version or the build is behind, or none: a variable on the VM wins over the manifests, and nobody brought it along.
fn stale(facts: &Snapshot, main: &Health, manifest: &Health) -> Option<Failure> {
    let behind = |main: Option<_>, manifest: Option<_>| main.zip(manifest).filter(|(main, there)| main < there);
    let odd = main.says().filter(|_| main.version().is_none()).zip(manifest.version());
    let (says, wins) = if let Some((says, wins)) = odd {
        (format!("`{}`, which is no version", Clean::line(says, 60)), wins)
    } else if let Some((says, wins)) = behind(main.version(), manifest.version()) {
        (format!("version {says}"), wins)
    } else {
        let (says, wins) = behind(main.build(), manifest.build())?;
        (format!("build {says}"), wins)
    };
    Some(
        Failure::new(Code::ServedStale, format!("/health says {says}, the manifests {wins}: SERVER_VERSION is stale"))
            .why("SERVER_VERSION and SERVER_BUILD on the VM win over the manifests: after a good release it would go on showing the old version.")
            .fix(servers::unpin(&facts.settings.vm))
            .fix("To release all the same: nexy-release publish --waive update-server=REASON"),
    )
}
