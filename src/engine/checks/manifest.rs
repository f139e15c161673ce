//! `manifest`: every copy parses, agrees with the canonical one, and points at a package.

use super::{Finding, Snapshot};
use crate::engine::snapshot::ManifestCopy;
use crate::engine::steps::plan::broken;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::manifest::Manifest;
use crate::settings::is_loopback;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    let copies = match facts.manifests().await {
        Ok(copies) => copies,
        Err(failure) => return Finding::failed(failure),
    };
    for copy in copies {
        match &copy.manifest {
            Some(Err(why)) => return Finding::failed(broken(&copy.path, why)),
            Some(Ok(manifest)) => {
                if let Err(why) = judge_url(manifest) {
                    return Finding::failed(
                        Failure::new(Code::ManifestUrl, format!("{}: artifact.url {why}", copy.path))
                            .why(format!("Clients download from {}", manifest.url()))
                            .fix(format!("git log -p -- '{}'", copy.path)),
                    );
                }
            }
            None => {}
        }
    }
    if let Some(failure) = drift(copies) {
        return Finding::failed(failure);
    }
    match newer(facts, copies) {
        Err(failure) => Finding::failed(failure),
        Ok(Some(warning)) => Finding::warning(warning),
        Ok(None) => Finding::ok(summary(facts, copies)),
    }
}

fn judge_url(manifest: &Manifest) -> Result<(), String> {
    let url = url::Url::parse(manifest.url()).map_err(|error| format!("is no URL: {error}"))?;
    if url.scheme() != "https" && !is_loopback(&url) {
        return Err("is not https".into());
    }
    let name = url.path().rsplit('/').next().unwrap_or_default().to_lowercase();
    let extension = std::path::Path::new(&name).extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    match extension {
        "dmg" | "pkg" | "zip" => Ok(()),
        "xml" | "json" | "rss" => Err(format!("points at a feed ({name}), not at a package")),
        _ => Err(format!("points at `{name}`, which is no package")),
    }
}

fn drift(copies: &[ManifestCopy]) -> Option<Failure> {
    let said = |copy: &ManifestCopy| copy.manifest.as_ref().and_then(|manifest| manifest.as_ref().ok().cloned());
    let mut present = copies.iter().filter_map(|copy| Some((copy, said(copy)?)));
    let (first, canonical) = present.next()?;
    let (other, _) = present.find(|(_, manifest)| *manifest != canonical)?;
    Some(
        Failure::new(Code::ManifestDrift, format!("{} differs from {}", other.path, first.path))
            .why("Which of them clients see depends on the server's start folder.")
            .fix(format!("diff '{}' '{}'", first.path, other.path))
            .fix("nexy-release manifest sync   (makes every copy equal to the first)"),
    )
}

/// Versioned manifests of a higher version than the present one: the update server may serve those.
fn newer(facts: &Snapshot, copies: &[ManifestCopy]) -> Result<Option<Failure>, Failure> {
    let version = copies.iter().find_map(|copy| copy.manifest.as_ref()?.as_ref().ok()?.version());
    let mut higher = Vec::new();
    for copy in copies {
        let found = facts.readers.workspace.versioned_manifests(&copy.path)?;
        let folder = copy.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let above = found.into_iter().filter(|found| version.is_some_and(|version| *found > version));
        higher.extend(above.map(|found| format!("{folder}/manifest_{found}.json")));
    }
    if higher.is_empty() {
        return Ok(None);
    }
    let quoted = higher.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(" ");
    Ok(Some(
        Failure::new(Code::ManifestDrift, format!("Manifests of higher versions: {}", higher.join(", ")))
            .why("The update server reads manifest_*.json, the newest file first, and may serve them.")
            .fix(format!("git log -- {quoted}"))
            .fix(format!("If they were withdrawn and nobody goes back to them: git rm {quoted}")),
    ))
}

fn summary(facts: &Snapshot, copies: &[ManifestCopy]) -> String {
    let Some(Some(Ok(manifest))) = copies.first().map(|copy| copy.manifest.as_ref()) else {
        return "none yet, it will be made".into();
    };
    let Some(version) = manifest.version() else { return "no version".into() };
    match manifest.url_version(&facts.settings.release.tag) {
        Some(offered) if version > offered => format!("{version} pending, clients get {offered}"),
        _ if copies.len() == 1 => version.to_string(),
        _ => format!("{version}, {} copies agree", copies.iter().filter(|copy| copy.file.is_some()).count()),
    }
}
