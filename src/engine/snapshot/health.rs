//! The health pages of the servers, asked once for all checks.

use futures::FutureExt as _;
use futures::future::join_all;

use super::{Fact, Snapshot};
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::served::Source;
use crate::world::updates::{self, Page};

/// What each health page answered; a page that no setting names is not among them.
#[derive(Debug, Clone, Default)]
pub struct HealthFacts(Fact<Vec<(Source, Result<Page, Failure>)>>);

impl Snapshot {
    /// The health pages, or why nothing could be asked.
    pub async fn health(&self) -> Result<&Vec<(Source, Result<Page, Failure>)>, Failure> {
        let fetch = async {
            let reader = &self.readers.updates(&self.settings, self.events())?;
            let pages = [Source::Health, Source::UpdatesHealth].into_iter().filter_map(|source| {
                let url = updates::url(&self.settings.updates, source)?;
                Some(async move { (source, reader.page(&url).await) })
            });
            let pages = join_all(pages).await;
            let stopped = |(_, page): &(Source, Result<Page, Failure>)| {
                page.as_ref().err().filter(|failure| failure.code == Code::Interrupted).cloned()
            };
            pages.iter().find_map(stopped).map_or(Ok(pages), Err)
        };
        self.health.0.get(fetch.boxed()).await
    }
}
