//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::front::Output;

/// Publish Nexy: one version, one tag, one set of bytes; the manifest moves last.
#[derive(Debug, Parser)]
#[command(name = "nexy-release", version, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Examples:
  nexy-release sandbox --headless        practise: publish to a host on this machine
  nexy-release check                     is everything ready?
  nexy-release publish --dry-run         what would be published and written?
  nexy-release publish                   publish; asks for the tag

Exit codes:
  0 done or nothing to do   1 failed   2 usage or settings   3 a check blocks
  4 sign-in or permission   5 the tag holds other bytes
  6 stopped, safe to run again   7 verification mismatch
  8 somebody else is publishing   130 interrupted")]
pub struct Cli {
    /// What is asked for everywhere.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The workspace [default: the nearest folder upward with release.toml, else with VERSION]
    #[arg(long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Lines for people, or one JSON object a line
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub output: Output,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", help = "Colours; NO_COLOR turns them off as well")]
    pub color: Color,
    /// Show every request and child process on stderr
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show markers, warnings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Publish the version in VERSION from the inbox, then write the manifests
    #[command(after_help = "Examples:
  nexy-release publish --dry-run
  nexy-release publish --yes --expect-plan 3f9c1e2a…
  nexy-release publish --waive notes='hotfix, notes follow'

A failed or interrupted run is continued by the same command. Published bytes are never replaced.")]
    Publish(Publish),
    /// Run the pre-checks and print them
    #[command(after_help = "Examples:
  nexy-release check
  nexy-release check --only inbox,artifacts,notes

Checks: lock, inbox, artifacts, notes, version, same-bytes, manifest,
github-auth, target-repo, tag-state, clock")]
    Check {
        /// Run these only
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Show, check or begin the settings
    #[command(subcommand)]
    Config(Config),
    /// Practise on a release host that runs inside this process
    #[cfg(feature = "sandbox")]
    #[command(after_help = "Examples:
  nexy-release sandbox --headless
  nexy-release sandbox --headless --dir /tmp/practice
  nexy-release sandbox --headless --scenario conflict
  nexy-release sandbox --headless --faults bad-day.json
  nexy-release sandbox serve --dir /tmp/practice --unix /tmp/gh.sock

Scenarios:
  first-release      publish 1.6.1.44 after a published 1.6.1.43 (default)
  already-published  1.6.1.44 is published with these very bytes
  conflict           1.6.1.44 is published with other bytes of the same size
  resume             a run died half-way, and Anna has a draft of 1.6.1.44: exit code 8. Look, then go on:
                     --waive tag-state='Anna is on holiday'
  flaky-network      resets, stalls, busy hosts, lost answers, made from --seed; ends by reruns alone
                     (by itself in a temporary world; with --dir one run a call)
  race               Anna publishes the same bytes at the same moment

Faults: a JSON list, described in docs/faults.md, e.g. the first upload of the DMG is cut off after 64 KiB:
  [{\"path\": \"name=Nexy.dmg\", \"times\": 1, \"action\": {\"reset\": {\"after\": {\"body\": 65536}}}}]")]
    Sandbox(Sandbox),
}

/// `publish`.
#[derive(Debug, Args)]
pub struct Publish {
    /// Show what would be done; write nothing anywhere
    #[arg(long)]
    pub dry_run: bool,
    /// Publish without asking for the tag
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Refuse any other plan than this one (the hash that a dry-run prints)
    #[arg(long, value_name = "HASH")]
    pub expect_plan: Option<String>,
    /// Go on although this check blocks; the reason goes to the journal
    #[arg(long, value_name = "ID=REASON")]
    pub waive: Vec<String>,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Show every setting in force and where it comes from
    Show,
    /// Name everything that is wrong in release.toml and the environment
    Check,
    /// Write a commented release.toml
    Init,
}

/// `sandbox`.
#[cfg(feature = "sandbox")]
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
#[cfg(feature = "sandbox")]
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
#[cfg(feature = "sandbox")]
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
#[cfg(feature = "sandbox")]
#[derive(Debug, Args)]
pub struct Serve {
    /// The world that is served.
    #[command(flatten)]
    pub world: Practice,
    /// Port of the API; uploads, web and blobs take the next three
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=65532))]
    pub port: Option<u16>,
    /// Answer on this unix socket as well, there as github.com (for gh: `http_unix_socket`)
    #[arg(long, value_name = "PATH")]
    pub unix: Option<PathBuf>,
}
