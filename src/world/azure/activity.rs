//! Who runs a command on the VM, as far as Azure's activity log knows: it is minutes late, so it tells and never decides.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use super::client::Reader;
use crate::release::text::Clean;

const DEADLINE: Duration = Duration::from_secs(20);
const QUERY: &str = "[?operationName.value=='Microsoft.Compute/virtualMachines/runCommand/action'].{id:correlationId,st:status.value,t:eventTimestamp,who:caller}";

#[derive(Deserialize)]
struct Row {
    id: String,
    st: String,
    t: Option<String>,
    who: Option<String>,
}

impl Reader {
    /// Who began a command that has no end in the log; none where it does not tell.
    pub(super) async fn who_is_busy(&self) -> Option<Clean> {
        let group = self.vm.resource_group.as_str();
        let asked = ["monitor", "activity-log", "list", "--resource-group", group, "--offset", "2h", "--query", QUERY];
        let output = self.az(&asked, DEADLINE).await.ok().filter(|output| output.code == Some(0))?;
        let rows: Vec<Row> = serde_json::from_str(&output.stdout).ok()?;
        let over: BTreeSet<_> =
            rows.iter().filter(|row| !matches!(row.st.as_str(), "Started" | "Accepted")).map(|row| &row.id).collect();
        let row = rows.iter().find(|row| !over.contains(&row.id))?;
        let (who, when) = (row.who.as_deref().unwrap_or("somebody"), row.t.as_deref().unwrap_or("an unknown time"));
        Some(Clean::line(&format!("Begun by {who} at {when} (activity log, minutes late)."), 200))
    }
}
