//! The listeners, on the same ports at every start: URLs that were given out stay good.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::json::Urls;

/// The ports of the origins; 0 asks for any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Ports {
    api: u16,
    uploads: u16,
    web: u16,
    blobs: u16,
    /// A folder of an earlier console has none yet.
    #[serde(default)]
    updates: u16,
}

impl From<u16> for Ports {
    fn from(first: u16) -> Self {
        let nth = |n: u16| first.saturating_add(n);
        Self { api: first, uploads: nth(1), web: nth(2), blobs: nth(3), updates: nth(4) }
    }
}

pub(super) struct Listeners {
    pub api: TcpListener,
    pub uploads: TcpListener,
    pub web: TcpListener,
    pub blobs: TcpListener,
    pub updates: TcpListener,
}

impl Listeners {
    /// Binds the ports that the folder remembers, or new ones, which it then remembers: `first` and the four after
    /// it, or any.
    pub async fn bind(dir: &Path, first: Option<u16>) -> io::Result<Self> {
        let path = dir.join("ports.json");
        let asked = first.map_or_else(Ports::default, Ports::from);
        let ports = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Ports>(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => asked,
            Err(error) => return Err(error),
        };
        if first.is_some() && ports != asked {
            let message = format!("this world answers on port {}; its manifests name that port", ports.api);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listeners = Self {
            api: bind(ports.api).await?,
            uploads: bind(ports.uploads).await?,
            web: bind(ports.web).await?,
            blobs: bind(ports.blobs).await?,
            updates: bind(ports.updates).await?,
        };
        let bound = Ports {
            api: listeners.api.local_addr()?.port(),
            uploads: listeners.uploads.local_addr()?.port(),
            web: listeners.web.local_addr()?.port(),
            blobs: listeners.blobs.local_addr()?.port(),
            updates: listeners.updates.local_addr()?.port(),
        };
        let new = dir.join("ports.json.new");
        fs::write(&new, serde_json::to_vec(&bound)?)?;
        fs::rename(new, path)?;
        Ok(listeners)
    }

    pub fn urls(&self) -> io::Result<Urls> {
        let url = |listener: &TcpListener| Ok::<_, io::Error>(format!("http://{}", listener.local_addr()?));
        Ok(Urls {
            api: url(&self.api)?,
            uploads: url(&self.uploads)?,
            web: url(&self.web)?,
            blobs: url(&self.blobs)?,
            updates: url(&self.updates)?,
        })
    }
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
        let message = format!(
            "port {port} of the practice host cannot be bound: {error}. Is the same practice world open elsewhere?"
        );
        io::Error::new(error.kind(), message)
    })
}
