//! What differs between macOS and Linux.

use std::path::Path;

use sysinfo::{ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

/// Every process of this machine that lets itself be seen: its id and its command line.
pub fn processes() -> Vec<(u32, Vec<String>)> {
    let mut system = System::new();
    let how = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always).without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, false, how);
    let words = |process: &sysinfo::Process| process.cmd().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    system.processes().iter().map(|(pid, process)| (pid.as_u32(), words(process))).collect()
}

/// Whether a program of this name, or one of its helpers, works in this folder, above it or below; `None`: one does
/// somewhere, and does not let itself be looked at.
pub fn works_in(program: &str, folder: &Path) -> Option<bool> {
    let mut system = System::new();
    let how = ProcessRefreshKind::nothing().with_cwd(UpdateKind::Always).without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, false, how);
    let is_it = |process: &&sysinfo::Process| {
        let name = process.name().to_string_lossy();
        let named = name == program || name.strip_prefix(program).is_some_and(|rest| rest.starts_with('-'));
        named && !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
    };
    let mut unseen = false;
    for process in system.processes().values().filter(is_it) {
        match process.cwd() {
            Some(at) if at.starts_with(folder) || folder.starts_with(at) => return Some(true),
            Some(_) => {}
            None => unseen = true,
        }
    }
    if unseen { None } else { Some(false) }
}
