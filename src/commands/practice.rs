//! What the practice world asks of the settings: that they name its own host and its own VM.

use std::path::{Path, PathBuf};

use crate::release::code::Code;
use crate::release::failure::Failure;
use crate::settings::{Loaded, Origin};

/// Where a practice world answers.
#[derive(Debug, Clone)]
pub struct PracticeHost {
    /// Root of its API.
    pub api_url: String,
    /// Root of its web site.
    pub web_url: String,
    /// The folder of its VM.
    pub vm: PathBuf,
}

impl PracticeHost {
    /// Fails where the settings in force name another host: everything that a person sees says SANDBOX.
    ///
    /// `upload_hosts` may name anything: with an API on this machine nothing is sent to another (`settings::GitHub`).
    pub fn ensure_named(&self, loaded: &Loaded, root: &Path) -> Result<(), Failure> {
        let github = &loaded.settings.github;
        let named =
            [("api_url", github.api_url.as_str(), &self.api_url), ("web_url", github.web_url.as_str(), &self.web_url)];
        for (key, found, own) in named {
            if found == own {
                continue;
            }
            let origin = loaded.origins.of(&format!("github.{key}"));
            let what = format!("The practice world would not practise: github.{key} is {found} ({origin})");
            let failure = Failure::new(Code::SettingsValue, what)
                .why(format!("Here everything says SANDBOX, so nothing but its own host is released to: {own}"));
            let failure = match origin {
                Origin::Variable(name) => failure.fix(format!("unset {name}")),
                Origin::File { .. } | Origin::Default => failure.fix(format!(
                    "Write `{key} = \"{own}\"` below [github] in {}",
                    root.join("release.toml").display()
                )),
            };
            return Err(failure.fix(format!("nexy-release --workspace '{}'   (no practice)", root.display())));
        }
        self.ensure_own_vm(loaded, root)
    }

    /// The same for the VM: what a practice release sends goes to no real one.
    fn ensure_own_vm(&self, loaded: &Loaded, root: &Path) -> Result<(), Failure> {
        let vm = &loaded.settings.vm;
        let own = ["az-stand-in".into(), self.vm.to_string_lossy()];
        if !vm.enabled || vm.program.iter().skip(1).eq(own.iter()) {
            return Ok(());
        }
        let (program, origin) = (vm.program.join(" "), loaded.origins.of("vm.program"));
        Err(Failure::new(
            Code::SettingsValue,
            format!("The practice world would not practise: vm.program is {program} ({origin})"),
        )
        .why("Here everything says SANDBOX, so nothing but its own VM is asked.")
        .fix("Write `enabled = false` below [vm], or lay a new world: nexy-release sandbox --dir NEW-FOLDER")
        .fix(format!("nexy-release --workspace '{}'   (no practice)", root.display())))
    }
}
