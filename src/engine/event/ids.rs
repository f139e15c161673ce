//! The ids of steps and checks: one vocabulary for files, events, guides and the journal.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $what:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $what])+ #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every id, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The id as it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The id that is written so.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|id| id.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

ids! {
    /// The steps of a publication, in their order (SPEC §6.1).
    StepId {
        /// Fingerprint the artifacts.
        Inspect = "inspect",
        /// Run the pre-checks.
        Checks = "checks",
        /// Decide.
        Plan = "plan",
        /// A person types the tag.
        Confirm = "confirm",
        /// Lock the workspace.
        Lock = "lock",
        /// Create the draft, or take up our own.
        Draft = "draft",
        /// Send what is missing.
        Upload = "upload",
        /// Nothing else is in the draft, and nothing is missing.
        Seal = "seal",
        /// The version becomes public.
        Publish = "publish",
        /// What clients download is what was built.
        Verify = "verify",
        /// Write the manifests.
        Manifest = "manifest",
        /// Commit the manifests, and push them.
        Git = "git",
        /// Send the manifests to the VM.
        Vm = "vm",
        /// Everything that speaks of the version agrees.
        Gate = "gate",
        /// Write the journal, show the final checklist.
        Record = "record",
    }
}

ids! {
    /// The pre-checks (SPEC §7).
    CheckId {
        /// Nobody else is publishing from here.
        Lock = "lock",
        /// The expected files are there.
        Inbox = "inbox",
        /// They are what their names say.
        Artifacts = "artifacts",
        /// The release notes are of this version.
        Notes = "notes",
        /// The version goes up.
        Version = "version",
        /// The DMG is a new one.
        SameBytes = "same-bytes",
        /// The manifests are sound and agree.
        Manifest = "manifest",
        /// There is a valid token.
        GithubAuth = "github-auth",
        /// The artifact repository takes a release.
        TargetRepo = "target-repo",
        /// The tag is free, ours, or published with these bytes.
        TagState = "tag-state",
        /// The signature is one of this DMG.
        Signature = "signature",
        /// Manifest commits lead to the code repository.
        GitRouting = "git-routing",
        /// The Azure CLI is there and signed in.
        VmSignin = "vm-signin",
        /// No other command runs on the VM.
        VmRunCommand = "vm-run-command",
        /// The VM has a key.
        VmGeminiKey = "vm-gemini-key",
        /// The servers answer, and are not stale.
        UpdateServer = "update-server",
        /// The clocks agree.
        Clock = "clock",
    }
}
