//! `version`: the version, in every place where it stands.

use clap::Subcommand;

/// `version`.
#[derive(Debug, Subcommand)]
pub enum Version {
    /// Show VERSION, and what every place says
    #[command(after_help = "Examples:
  nexy-release version read
  nexy-release version read --output json")]
    Read,
    /// Set the version everywhere: all places, or none
    #[command(after_help = "Examples:
  nexy-release version set 1.6.1.45 --dry-run
  nexy-release version set 1.6.1.45
  nexy-release version set 1.6.1.43 --yes

The places are [[version.point]] of the settings, and VERSION. Only the four numbers are replaced. A place that is not
found stops it before anything is written; a file that is not there is named. A version that goes down or jumps is
asked about on a terminal. The manifest's URL, size and SHA-256 stay those of the published version.")]
    Set {
        /// The version, e.g. 1.6.1.45
        #[arg(value_name = "X.Y.Z.W")]
        version: String,
        /// Show the lines that would change; write nothing
        #[arg(long)]
        dry_run: bool,
        /// Do not ask, wherever it goes
        #[arg(long, conflicts_with = "dry_run")]
        yes: bool,
    },
    /// Compare every place with VERSION; reads only
    #[command(after_help = "Examples:
  nexy-release version check

Exit code 7: a place says another version, or none.")]
    Check,
}
