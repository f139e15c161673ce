//! The stable failure codes and the exit codes they lead to. Other programs match on both: a code is never reused for
//! something else.

use serde::{Deserialize, Serialize};

/// Exit codes (SPEC §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Usage or settings.
    Usage = 2,
    /// A pre-check blocks.
    Blocked = 3,
    /// Sign-in or permission.
    Auth = 4,
    /// The tag holds other bytes.
    Conflict = 5,
    /// Stopped, and safe to run again: could not find out, or could not finish.
    Unfinished = 6,
    /// Verification mismatch.
    Mismatch = 7,
    /// Somebody else is publishing.
    Busy = 8,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// When several checks block, the first of 8, 4, 5, 6, 3 decides (SPEC §4); smaller is first. A waiver that is
    /// not possible comes before all: the command itself is wrong.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Usage => 0,
            Self::Interrupted => 1,
            Self::Busy => 2,
            Self::Auth => 3,
            Self::Conflict => 4,
            Self::Unfinished => 5,
            _ => 6,
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $exit:ident;)+) => {
        /// A stable failure code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it is printed, e.g. `NX-UPLOAD-03`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The exit code that it leads to.
            pub fn exit(self) -> Exit {
                match self { $(Self::$name => Exit::$exit,)+ }
            }

            /// What the code means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// The command line is wrong.
    UsageArgument = "NX-USAGE-01", Usage;
    /// There is no terminal to confirm on, and `--yes` was not given.
    UsageNoTerminal = "NX-USAGE-02", Usage;
    /// The workspace is READ-ONLY: it has no `release.toml`.
    UsageReadOnly = "NX-USAGE-03", Usage;
    /// A check was waived that cannot be waived.
    UsageWaive = "NX-USAGE-04", Usage;
    /// No workspace was found here.
    UsageWorkspace = "NX-USAGE-05", Usage;

    /// Nothing is known about the text that was to be explained.
    ExplainUnknown = "NX-EXPLAIN-01", Failed;

    /// A settings file is not TOML, or cannot be read.
    SettingsSyntax = "NX-SETTINGS-01", Usage;
    /// A setting is not known.
    SettingsUnknown = "NX-SETTINGS-02", Usage;
    /// A setting has the wrong type.
    SettingsType = "NX-SETTINGS-03", Usage;
    /// A setting has a value that is not allowed.
    SettingsValue = "NX-SETTINGS-04", Usage;
    /// `release.toml` is there already.
    SettingsExists = "NX-SETTINGS-05", Usage;

    /// VERSION is missing or malformed.
    VersionMalformed = "NX-VERSION-01", Blocked;
    /// VERSION is lower than a version that is already published.
    VersionLower = "NX-VERSION-02", Blocked;
    /// VERSION was withdrawn from clients.
    VersionWithdrawn = "NX-VERSION-03", Blocked;
    /// A version point says another version than VERSION, or none.
    VersionDrift = "NX-VERSION-04", Mismatch;
    /// A version point is not found in its file as the settings describe it.
    VersionPoint = "NX-VERSION-05", Failed;

    /// The inbox is missing.
    InboxMissing = "NX-INBOX-01", Blocked;
    /// An expected artifact is not in the inbox.
    InboxIncomplete = "NX-INBOX-02", Blocked;

    /// An artifact is a link, a folder or a device, not a file.
    ArtifactNotFile = "NX-ARTIFACT-01", Blocked;
    /// An artifact is empty.
    ArtifactEmpty = "NX-ARTIFACT-02", Blocked;
    /// An artifact is 2 GiB or larger.
    ArtifactTooLarge = "NX-ARTIFACT-03", Blocked;
    /// An artifact was written to while it was looked at.
    ArtifactGrowing = "NX-ARTIFACT-04", Blocked;
    /// An artifact is not of the kind that its name says.
    ArtifactKind = "NX-ARTIFACT-05", Blocked;
    /// An artifact cannot be read.
    ArtifactUnreadable = "NX-ARTIFACT-06", Unfinished;
    /// An artifact changed after the plan was made.
    ArtifactChanged = "NX-ARTIFACT-07", Unfinished;

    /// The release notes are not ready.
    NotesNotReady = "NX-NOTES-01", Blocked;

    /// The DMG is an earlier version's, byte for byte.
    SameBytes = "NX-SAME-01", Blocked;

    /// There is no signature of the DMG.
    SignatureMissing = "NX-SIGN-01", Blocked;
    /// The signature does not hold for this DMG.
    SignatureWrong = "NX-SIGN-02", Blocked;
    /// A key of the signature cannot be used.
    SignatureKey = "NX-SIGN-03", Blocked;
    /// The DMG could not be signed.
    SignatureFailed = "NX-SIGN-04", Unfinished;
    /// A private key lies where others can read it.
    SignatureExposed = "NX-SIGN-05", Blocked;
    /// The signature in a manifest is not one of what clients download.
    SignatureMismatch = "NX-SIGN-06", Mismatch;

    /// A manifest is not a valid manifest.
    ManifestBroken = "NX-MANIFEST-01", Blocked;
    /// The copies of the manifest differ.
    ManifestDrift = "NX-MANIFEST-02", Blocked;
    /// The manifest points at something that is no package, or not over https.
    ManifestUrl = "NX-MANIFEST-03", Blocked;
    /// A manifest changed after the plan was made.
    ManifestChanged = "NX-MANIFEST-04", Unfinished;
    /// A manifest cannot be read.
    ManifestUnreadable = "NX-MANIFEST-05", Unfinished;
    /// The manifests do not say what is published.
    ManifestMismatch = "NX-MANIFEST-06", Mismatch;
    /// There is no canonical manifest.
    ManifestMissing = "NX-MANIFEST-07", Failed;

    /// No token was found.
    AuthMissing = "NX-AUTH-01", Auth;
    /// The host refused the token.
    AuthRejected = "NX-AUTH-02", Auth;
    /// The token may not do this.
    AuthForbidden = "NX-AUTH-03", Auth;

    /// The artifact repository is not there, or this token may not see it.
    RepoMissing = "NX-REPO-01", Auth;
    /// This token may not push to the artifact repository.
    RepoNoPush = "NX-REPO-02", Auth;
    /// The artifact repository is the code repository.
    RepoIsCode = "NX-REPO-03", Blocked;
    /// The artifact repository has another name now.
    RepoMoved = "NX-REPO-04", Blocked;

    /// A draft that is not ours holds the tag.
    TagForeignDraft = "NX-TAG-01", Busy;
    /// The tag is published with other bytes.
    TagConflict = "NX-TAG-02", Conflict;
    /// The release is immutable: nothing can be added to it.
    TagImmutable = "NX-TAG-03", Failed;
    /// The tag is not published.
    TagMissing = "NX-TAG-04", Failed;
    /// The release has nothing that a manifest can point at.
    TagNoPackage = "NX-TAG-05", Failed;
    /// A published release has a half-uploaded asset that is not ours.
    TagBeingAdded = "NX-TAG-06", Busy;

    /// The Azure CLI is not installed.
    VmNoCli = "NX-VM-01", Blocked;
    /// Nobody is signed in to Azure.
    VmSignedOut = "NX-VM-02", Auth;
    /// The Azure sign-in has expired, or wants a second factor.
    VmExpired = "NX-VM-03", Auth;
    /// The Azure account has no such subscription.
    VmSubscription = "NX-VM-04", Auth;
    /// There is no such VM.
    VmMissing = "NX-VM-05", Blocked;
    /// The Azure account may not run commands on the VM.
    VmForbidden = "NX-VM-06", Auth;
    /// The VM is stopped.
    VmStopped = "NX-VM-07", Blocked;
    /// The VM's agent does not report.
    VmAgent = "NX-VM-08", Blocked;
    /// The Azure subscription is disabled.
    VmDisabled = "NX-VM-09", Blocked;
    /// Another command is running on the VM.
    VmBusy = "NX-VM-10", Blocked;
    /// An environment file of the VM has no key that works.
    VmKey = "NX-VM-11", Blocked;
    /// A script failed on the VM, whatever Azure reports.
    VmScript = "NX-VM-12", Blocked;
    /// How a command on the VM ended is not known; it may still be running.
    VmUnknown = "NX-VM-13", Unfinished;
    /// The Azure CLI does not trust the certificate that it is shown.
    VmTls = "NX-VM-14", Unfinished;
    /// The Azure CLI failed in a way that is not known.
    VmCli = "NX-VM-15", Unfinished;
    /// A manifest on the VM changed after it was looked at.
    VmChanged = "NX-VM-16", Unfinished;
    /// The manifest could not be brought to the VM.
    VmPush = "NX-VM-17", Unfinished;
    /// There is no VM in the settings.
    VmNone = "NX-VM-18", Usage;
    /// The VM has a newer version, which would be taken back.
    VmNewer = "NX-VM-19", Unfinished;

    /// The clock of this machine and the host's are far apart.
    ClockWrong = "NX-CLOCK-01", Blocked;
    /// Another console is publishing from this workspace.
    LockHeld = "NX-LOCK-01", Busy;

    /// The plan is not the one that was expected or confirmed.
    PlanOther = "NX-PLAN-01", Unfinished;

    /// The host cannot be reached.
    NetUnreachable = "NX-NET-01", Unfinished;
    /// The host stopped sending.
    NetIdle = "NX-NET-02", Unfinished;
    /// The host asks to wait longer than `github.max_wait_s`.
    NetRateLimit = "NX-NET-03", Unfinished;
    /// The host failed.
    NetServer = "NX-NET-04", Unfinished;
    /// The host gave an answer that is not understood.
    NetUnexpected = "NX-NET-05", Unfinished;
    /// The host points to another host that is not allowed.
    NetHost = "NX-NET-06", Unfinished;

    /// The draft could not be made.
    DraftFailed = "NX-DRAFT-01", Unfinished;
    /// The draft holds something else than this release.
    DraftUnsealed = "NX-DRAFT-02", Unfinished;

    /// An upload was refused.
    UploadRefused = "NX-UPLOAD-01", Failed;
    /// An upload did not arrive whole, however often it was sent.
    UploadRetries = "NX-UPLOAD-02", Unfinished;
    /// The host holds other bytes than were sent.
    UploadMismatch = "NX-UPLOAD-03", Unfinished;

    /// The publication was refused.
    PublishRefused = "NX-PUBLISH-01", Failed;
    /// Whether the version is public could not be found out.
    PublishUnknown = "NX-PUBLISH-02", Unfinished;

    /// What clients download is not what was built.
    VerifyMismatch = "NX-VERIFY-01", Mismatch;
    /// The public download cannot be read.
    VerifyUnreachable = "NX-VERIFY-02", Unfinished;
    /// Clients are served something else than what was published.
    ServedMismatch = "NX-SERVED-01", Mismatch;
    /// The main server says an older version than the manifests beside it.
    ServedStale = "NX-SERVED-02", Blocked;
    /// A server that clients are updated from answers with an error, or not as it should.
    ServedBroken = "NX-SERVED-03", Blocked;

    /// No remote of git is the code repository.
    GitRemote = "NX-GIT-01", Blocked;
    /// A setting of git leads the remote somewhere else.
    GitRewritten = "NX-GIT-02", Blocked;
    /// git cannot commit here.
    GitNotReady = "NX-GIT-03", Blocked;
    /// git cannot be run, or does not answer.
    GitFailed = "NX-GIT-04", Unfinished;
    /// The manifests are not committed.
    GitCommit = "NX-GIT-05", Unfinished;
    /// The manifests are not in the code repository.
    GitPush = "NX-GIT-06", Unfinished;

    /// A file of the workspace cannot be read or written.
    LocalFile = "NX-LOCAL-01", Unfinished;
    /// An interrupted update of several files cannot be finished: one was changed since.
    LocalIntent = "NX-LOCAL-02", Unfinished;

    /// The journal is not as it was written.
    JournalEdited = "NX-JOURNAL-01", Mismatch;

    /// A person or a signal stopped the run.
    Interrupted = "NX-STOP-01", Interrupted;
    /// The release was not confirmed.
    NotConfirmed = "NX-STOP-02", Interrupted;
    /// A task of the console itself failed.
    Internal = "NX-STOP-03", Unfinished;
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
