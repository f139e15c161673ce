//! Why a practice world does not open.

use std::io;
use std::path::PathBuf;

use super::Scenario;

/// Why a practice world does not open.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The folder holds something that is none of ours.
    #[error("{0} is not empty and no practice world; name an empty or a new folder")]
    NotAWorld(PathBuf),
    /// A process died while it laid this world.
    #[error("{0} is a practice world that was never finished; remove it and start again")]
    Unfinished(PathBuf),
    /// The folder was laid for another situation.
    #[error("{dir} is a practice world for `{laid}`, not for `{asked}`; name another folder or that scenario")]
    OtherScenario {
        /// The folder.
        dir: PathBuf,
        /// The scenario that it was laid for.
        laid: Scenario,
        /// The one that was asked for.
        asked: Scenario,
    },
    /// The host does not start.
    #[error("the practice host does not start: {0}")]
    Host(#[source] io::Error),
    /// The unix socket does not open.
    #[error("the unix socket {path} cannot be opened: {cause}")]
    Socket {
        /// Where it was to be.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A seed for a network that is sound.
    #[error("a seed makes the faults of `flaky-network`; `{0}` has none")]
    NoDice(Scenario),
    /// The folder cannot be read or written.
    #[error("the practice world in {dir} cannot be laid or read: {cause}")]
    Io {
        /// The folder.
        dir: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

impl SandboxError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        let sandbox = |rest: &str| format!("nexy-release sandbox {rest}");
        match self {
            Self::Unfinished(dir) => format!("rm -r '{}'", dir.display()),
            Self::OtherScenario { dir, laid, .. } => sandbox(&format!("--scenario {laid} --dir '{}'", dir.display())),
            Self::Host(error) if error.kind() == io::ErrorKind::AddrInUse => {
                "Close the console or the server that has it open, or name another folder or port: --dir NEW, --port N"
                    .into()
            }
            Self::Host(error) if error.kind() == io::ErrorKind::InvalidInput => {
                "Leave out --port, or name a new folder: --dir NEW-FOLDER".into()
            }
            Self::NotAWorld(_) | Self::Io { .. } | Self::Host(_) => sandbox("--headless --dir NEW-FOLDER"),
            Self::NoDice(_) => sandbox("--headless --scenario flaky-network --seed N"),
            Self::Socket { .. } => sandbox("serve --unix OTHER-PATH"),
        }
    }
}
