//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::event::CheckId;
use crate::front::Output;

#[cfg(feature = "sandbox")]
mod practice;
mod version;
mod wrong;

#[cfg(feature = "sandbox")]
pub use practice::{Practice, Sandbox, Serve, Servers};
pub use version::Version;
pub use wrong::{Unread, Wrong, examples, read};

/// Publish Nexy: one version, one tag, one set of bytes; the manifest moves last.
#[derive(Debug, Parser)]
#[command(name = "nexy-release", version)]
#[command(after_help = "Examples:
  nexy-release                           the console, on this workspace
  nexy-release sandbox                   the console, on a practice world
  nexy-release check                     is everything ready?
  nexy-release publish --dry-run         what would be published and written?
  nexy-release publish                   publish; asks for the tag
  nexy-release status --watch            what is published, served and under way?
  nexy-release explain NX-TAG-02         what does it mean, and what mends it?

Exit codes:
  0 done or nothing to do   1 failed   2 usage or settings   3 a check blocks
  4 sign-in or permission   5 the tag holds other bytes
  6 stopped, safe to run again   7 verification mismatch
  8 somebody else is publishing   130 interrupted")]
pub struct Cli {
    /// What is asked for everywhere.
    #[command(flatten)]
    pub global: Global,
    /// The command; none: the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
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
    /// Questions and lines instead of the console, for screen readers and plain terminals
    #[arg(long, global = true)]
    pub plain: bool,
    /// Show every request and child process on stderr, or in the log of the console
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show markers, warnings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
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

What a check looks at, and what to do when it blocks: nexy-release explain CHECK")]
    Check {
        /// Run these only
        #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = check_ids())]
        only: Vec<CheckId>,
    },
    /// Verify a published version end to end; reads only
    #[command(after_help = "Examples:
  nexy-release verify
  nexy-release verify v1.6.1.43
  nexy-release verify --served

Without a tag: VERSION's.

Compares the release and its digests, what clients download, what the journal says was published,
VERSION and every manifest. No token is needed where the repository is public.")]
    Verify {
        /// The tag [default: VERSION's]
        tag: Option<String>,
        /// Also judge what the update server and the main server say
        #[arg(long)]
        served: bool,
    },
    /// Show what is published, served and under way; reads only
    #[command(after_help = "Examples:
  nexy-release status
  nexy-release status --watch
  nexy-release status --simulate 1.6.1.42,1.6.1.43@10.15

Every source against the version that was published last. What you may not see is `unknown`; no token is needed where
the repository is public. --watch looks again every 30 seconds, at no cost of your limit of requests while nothing
changes; the VM itself is asked by `verify --served` only.

Exit code 0, whatever it finds. For scripts: nexy-release verify --served, which ends with 7 where something differs.")]
    Status {
        /// A dashboard on the terminal, looked at again and again
        #[arg(long)]
        watch: bool,
        /// What clients of these versions are offered, and why; VERSION@MACOS: on that macOS
        #[arg(long, value_name = "VERSION", value_delimiter = ',', value_parser = installed)]
        simulate: Vec<String>,
    },
    /// Show, check or set the version, in every place where it stands
    #[command(subcommand)]
    #[command(after_help = "Examples:
  nexy-release version read
  nexy-release version set 1.6.1.45
  nexy-release version check")]
    Version(Version),
    /// Show, check, repair or set the manifests
    #[command(subcommand)]
    #[command(after_help = "Examples:
  nexy-release manifest show
  nexy-release manifest check
  nexy-release manifest point v1.6.1.43 --reason 'crash at start'")]
    Manifest(Manifest),
    /// Show what was published from this workspace, by whom, and what was waived
    #[command(after_help = "Examples:
  nexy-release history
  nexy-release history --verify

Each line of the journal names the SHA-256 of the line before. --verify ends with exit code 7 when a line was
changed, added or removed; a line that a crash cut off is reported and tolerated.")]
    History {
        /// Check the hash chain
        #[arg(long)]
        verify: bool,
    },
    /// Show, check or begin the settings
    #[command(subcommand)]
    #[command(after_help = "Examples:
  nexy-release config init      write a commented release.toml
  nexy-release config show      what is in force?
  nexy-release config check     what is wrong?")]
    Config(Config),
    /// Say what a failure code, a check, a step or a pasted message means, and what mends it
    #[command(after_help = "Examples:
  nexy-release explain                          everything that can be explained
  nexy-release explain NX-TAG-02                a failure code
  nexy-release explain tag-state                a check or a step
  nexy-release explain 'HTTP 401: Bad credentials'
  nexy-release explain - < publish.log          a whole log: every symptom in it, the surest first

Exit code 1: nothing is known about it.")]
    Explain {
        /// A code, a check, a step, or a message as it was printed; `-` reads it from stdin
        #[arg(value_name = "CODE|CHECK|STEP|TEXT")]
        text: Vec<String>,
    },
    /// Print the completion script of a shell
    #[command(after_help = "Examples:
  nexy-release completions bash > ~/.local/share/bash-completion/completions/nexy-release
  nexy-release completions zsh > ~/.zfunc/_nexy-release
  nexy-release completions fish > ~/.config/fish/completions/nexy-release.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of nexy-release, or of one of its commands
    #[command(after_help = "Examples:
  nexy-release man | man -l -
  nexy-release man > nexy-release.1
  nexy-release man publish > nexy-release-publish.1
  nexy-release man config init > nexy-release-config-init.1

For a package: one page for the tool, and one for each command that it names.")]
    Man {
        /// The command, in its words: `config init`
        command: Vec<String>,
    },
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
  vm-busy            a colleague's command runs on the VM: one visible wait, one retry
  key-missing        the VM has no GEMINI_API_KEY: exit code 3. Mend it, or --waive vm-gemini-key='later'
  stale-appcast      the update server goes on serving 1.6.1.43: exit code 7. With --dir: restart its service as it
                     says, then run the same command again
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

/// `manifest`.
#[derive(Debug, Subcommand)]
pub enum Manifest {
    /// Show every manifest file and what it offers
    #[command(after_help = "Examples:
  nexy-release manifest show
  nexy-release manifest show --output json")]
    Show,
    /// Compare every manifest file with the release that it offers; reads only
    #[command(after_help = "Examples:
  nexy-release manifest check

Compares URL, size and SHA-256 with what the host reports, and the copies with each other. `verify` also downloads.")]
    Check,
    /// Make every copy equal to the canonical manifest
    #[command(after_help = "Examples:
  nexy-release manifest sync --dry-run
  nexy-release manifest sync

The canonical manifest is the first of `manifest.paths`. A manifest_<version>.json with other bytes is left as it is:
`manifest point` rewrites it from verified bytes.")]
    Sync {
        /// Show how the copies differ; write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Set the manifests to a published version from its verified public bytes; no inbox is needed
    #[command(after_help = "Examples:
  nexy-release manifest point v1.6.1.44
  nexy-release manifest point v1.6.1.43 --reason 'crash at start on macOS 11'
  nexy-release manifest point v1.6.1.43 --reason 'crash at start' --dry-run

Finishes a release whose run died after the publication, and withdraws a bad one: an older TAG than the one that clients
are offered needs a reason. Clients that have the newer version already keep it.")]
    Point(Point),
    /// Bring the canonical manifest, its versioned copy and VERSION to the VM
    #[command(after_help = "Examples:
  nexy-release manifest push-vm --dry-run
  nexy-release manifest push-vm

One locked script on the VM: it refuses when somebody changed a file meanwhile, keeps dated backups (the newest ten) in
backups/nexy-release, and reads back what it wrote. config.env is never touched.")]
    PushVm {
        /// Show which files differ on the VM; write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// `manifest point`.
#[derive(Debug, Args)]
pub struct Point {
    /// The published version to point at, e.g. v1.6.1.43
    pub tag: String,
    /// Why; needed for a version older than the present one
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Show what would be written; write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do it without asking for the tag
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Show every setting in force and where it comes from
    #[command(after_help = "Examples:
  nexy-release config show
  nexy-release config show --output json")]
    Show,
    /// Name everything that is wrong in release.toml and the environment
    #[command(after_help = "Examples:
  nexy-release config check")]
    Check,
    /// Write a commented release.toml
    #[command(after_help = "Examples:
  nexy-release config init
  nexy-release config init --workspace ~/Nexy

It asks on a terminal, and never overwrites a file.")]
    Init,
}

/// An installed version, whatever stands in its `CFBundleVersion`; and its macOS behind an `@`.
fn installed(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_named = |part: &str| !part.is_empty() && !part.chars().any(char::is_control);
    if text.len() > 60 || !text.splitn(2, '@').all(is_named) {
        return Err("it is no version, such as 1.6.1.43, or 1.6.1.43@12.3 on that macOS");
    }
    Ok(text.to_owned())
}

/// The ids of the checks, for the help, for completions, and for the nearest one.
fn check_ids() -> impl clap::builder::TypedValueParser<Value = CheckId> {
    let ids = PossibleValuesParser::new(CheckId::ALL.iter().map(|id| id.as_str()));
    ids.try_map(|id| CheckId::parse(&id).ok_or("it is no check"))
}
