//! What differs between macOS and Linux.

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// Every process of this machine that lets itself be seen: its id and its command line.
pub fn processes() -> Vec<(u32, Vec<String>)> {
    let mut system = System::new();
    let how = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always).without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, false, how);
    let words = |process: &sysinfo::Process| process.cmd().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    system.processes().iter().map(|(pid, process)| (pid.as_u32(), words(process))).collect()
}
