//! `sandbox`, and what a practice world is.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `sandbox`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sandbox {
    /// The practice servers alone.
    #[command(subcommand)]
    pub only: Option<Servers>,
    /// The world to practise in.
    #[command(flatten)]
    pub world: Practice,
    /// Run the pipeline as text
    #[arg(long)]
    pub headless: bool,
    /// Go on although this check blocks, as in `publish`
    #[arg(long, value_name = "ID=REASON")]
    pub waive: Vec<String>,
}

/// What a practice world is.
#[derive(Debug, Args)]
pub struct Practice {
    /// The situation to practise [default: what DIR was made for, else first-release]
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Keep the practice world in this folder [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// What the faults of flaky-network are made from [default: 7]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Let the host misbehave as this file says (docs/faults.md)
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

/// `sandbox serve`.
#[derive(Debug, Subcommand)]
pub enum Servers {
    /// Run the practice servers alone, to try other clients on, until Ctrl-C
    #[command(after_help = "Examples:
  nexy-release sandbox serve
  nexy-release sandbox serve --dir /tmp/practice --port 4000
  nexy-release sandbox serve --dir /tmp/practice --unix /tmp/gh.sock

It prints the URLs, the token and the lines to use them. A folder keeps its ports.")]
    Serve(Serve),
}

/// `sandbox serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The world that is served.
    #[command(flatten)]
    pub world: Practice,
    /// Port of the API; uploads, web, blobs and updates take the next four
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=65531))]
    pub port: Option<u16>,
    /// Answer on this unix socket as well, there as github.com (for gh: `http_unix_socket`)
    #[arg(long, value_name = "PATH")]
    pub unix: Option<PathBuf>,
}
