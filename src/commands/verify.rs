//! `verify`: reads only.

use std::path::PathBuf;

use futures::future::BoxFuture;

use super::{Setting, base, open, refuse};
use crate::engine::event::RunResult;
use crate::engine::{published, verification};
use crate::front::drive::Hands;

/// Verifies a published version end to end.
pub fn run(
    workspace: Option<PathBuf>,
    setting: Setting,
    tag: Option<String>,
    served: bool,
    run: String,
) -> impl FnOnce(Hands) -> BoxFuture<'static, RunResult> {
    move |hands| {
        Box::pin(async move {
            let prepared = open(workspace.as_deref(), &setting).and_then(|(root, loaded)| {
                let version = tag.as_deref().map(|tag| published::version(&loaded.settings, tag)).transpose()?;
                Ok((root, loaded, version))
            });
            match prepared {
                Err(failure) => refuse(&hands.events, "verify", &failure),
                Ok((root, loaded, version)) => {
                    verification::verify(&base(root, loaded, setting, run, &hands), version, served).await
                }
            }
        })
    }
}
