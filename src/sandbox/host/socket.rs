//! The whole host behind one unix socket, where it is github.com: which origin is meant is told by the `Host` header.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::net::UnixListener;
use tower::ServiceExt as _;

use super::json::Urls;
use super::{Origin, Shared};

/// The URLs in answers; whoever follows them comes back through the socket.
pub(super) fn urls() -> Urls {
    Urls {
        api: "https://api.github.com".into(),
        uploads: "https://uploads.github.com".into(),
        web: "https://github.com".into(),
        blobs: "https://release-assets.githubusercontent.com".into(),
        updates: "https://nexy-server.canadacentral.cloudapp.azure.com".into(),
    }
}

pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let origins = [Origin::Api, Origin::Uploads, Origin::Web, Origin::Blobs, Origin::Updates];
    let routers = origins.map(|origin| (origin, origin.router(shared)));
    Router::new().fallback(dispatch).with_state(Arc::new(routers))
}

async fn dispatch(State(routers): State<Arc<[(Origin, Router); 5]>>, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let meant = match host {
        "api.github.com" => Some(Origin::Api),
        "uploads.github.com" => Some(Origin::Uploads),
        "github.com" => Some(Origin::Web),
        host if host.ends_with(".githubusercontent.com") => Some(Origin::Blobs),
        "nexy-server.canadacentral.cloudapp.azure.com" => Some(Origin::Updates),
        _ => None,
    };
    let Some((_, router)) = routers.iter().find(|(origin, _)| Some(*origin) == meant) else {
        let why = format!("The practice host is github.com here, not `{host}`\n");
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    };
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The file of a socket; it goes with this.
pub(super) struct Socket {
    path: PathBuf,
    inode: u64,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whoever took the place meanwhile keeps it.
        if fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens at `path`, for this user alone. A socket that a dead process left is replaced; anything else is kept.
pub(super) fn bind(path: &Path) -> io::Result<(UnixListener, Socket)> {
    let taken = |what: &str| io::Error::new(io::ErrorKind::AlreadyExists, format!("{} {what}", path.display()));
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => return Err(taken("is there and no socket")),
        Ok(_) if UnixStream::connect(path).is_ok() => return Err(taken("is served by another process")),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Bound in a folder that nobody else can enter: at `path` it is closed to others from the first moment on.
    let hidden = tempfile::Builder::new().prefix(".s").tempdir_in(beside)?;
    let new = hidden.path().join("s");
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    let socket = Socket { path: path.into(), inode: fs::symlink_metadata(&new)?.ino() };
    fs::rename(new, path)?;
    Ok((listener, socket))
}
