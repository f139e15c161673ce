//! The health pages of the servers, asked once for all checks.

use futures::FutureExt as _;

use super::{Fact, Snapshot};
use crate::release::failure::Failure;
use crate::release::served::Source;
use crate::world::updates::Asked;

/// What each health page answered; a page that no setting names is not among them.
#[derive(Debug, Clone, Default)]
pub struct HealthFacts(Fact<Vec<Asked>>);

impl Snapshot {
    /// The health pages, or why nothing could be asked.
    pub async fn health(&self) -> Result<&Vec<Asked>, Failure> {
        let fetch = async {
            let reader = self.readers.updates(&self.settings, self.events())?;
            reader.pages(&self.settings.updates, [Source::Health, Source::UpdatesHealth]).await
        };
        self.health.0.get(fetch.boxed()).await
    }
}
