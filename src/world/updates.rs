//! The update server and the main server, as clients see them: four pages, asked for with GET, without a token.

use std::time::Duration;

use futures::future::join_all;
use url::Url;

use super::github::hosts::Hosts;
use super::github::http::{Door, OnWait};
use super::github::patience::Patience;
use super::stop::Stop;
use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::release::served::Source;
use crate::settings::{self, Settings};

/// A server that keeps clients waiting for longer does not answer them.
const SLOW: Duration = Duration::from_secs(10);

/// Where a page is; `None`: the settings name no such server.
pub fn url(servers: &settings::Updates, source: Source) -> Option<Url> {
    let below = |path: &str| {
        let mut url = servers.updates_url.as_ref()?.url().clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        Some(url)
    };
    match source {
        Source::Health => servers.health_url.as_ref().map(|base| base.url().clone()),
        Source::UpdatesHealth => below("health"),
        Source::Appcast => below("appcast.xml"),
        Source::Manifests => below("api/manifests"),
    }
}

/// Reads the pages.
#[derive(Debug, Clone)]
pub struct Reader {
    door: Door,
}

/// A page as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// For how long a cache has held it; `None`: it is the server's own word.
    pub age: Option<Duration>,
    /// Its text.
    pub body: Vec<u8>,
}

/// A page, as it was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which.
    pub source: Source,
    /// Where.
    pub url: Url,
    /// What came.
    pub page: Result<Page, Failure>,
}

impl Reader {
    /// Sends nothing yet.
    pub fn new(settings: &Settings, patience: Patience, stop: Stop, on_wait: OnWait) -> Result<Self, Failure> {
        let servers = &settings.updates;
        let bases = servers.health_url.iter().chain(&servers.updates_url).map(|base| base.url().clone());
        let hosts = Hosts::new(&settings.github).serving(bases.collect());
        let patience = Patience { idle: patience.idle.min(SLOW), ..patience };
        Ok(Self { door: Door::new(hosts, None, patience, stop, on_wait)? })
    }

    /// Asks for those of these pages that the settings name, side by side. Fails only where it is stopped.
    pub async fn pages(
        &self,
        servers: &settings::Updates,
        sources: impl IntoIterator<Item = Source>,
    ) -> Result<Vec<Asked>, Failure> {
        let asked = sources.into_iter().filter_map(|source| {
            let url = url(servers, source)?;
            Some(async move {
                let page = self.page(&url).await;
                Asked { source, url, page }
            })
        });
        let asked = join_all(asked).await;
        let stopped =
            |asked: &Asked| asked.page.as_ref().err().filter(|failure| failure.code == Code::Interrupted).cloned();
        asked.iter().find_map(stopped).map_or(Ok(asked), Err)
    }

    /// Asks for a page, once, past every cache that obeys.
    async fn page(&self, url: &Url) -> Result<Page, Failure> {
        let answer = self.door.page(url).await?;
        Ok(Page { status: answer.status.as_u16(), age: answer.age(), body: answer.body.to_vec() })
    }
}
