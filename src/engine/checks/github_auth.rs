//! `github-auth`: a token is there and valid; whose, and from where.

use super::{Finding, Snapshot};
use crate::release::code::Code;

pub(super) async fn look(facts: &Snapshot) -> Finding {
    match facts.who().await {
        Err(mut failure) => {
            let source = &facts.readers.token_source;
            if failure.code == Code::AuthRejected && source != "gh" {
                failure.fix = vec![format!("Put a valid token into the variable: export {source}=…").into()];
            }
            Finding::failed(failure)
        }
        Ok(who) => {
            let source = &facts.readers.token_source;
            match &who.login {
                Some(login) => Finding::ok(format!("{login} ({source})")),
                None => Finding::ok(format!("a token that does not tell whose it is ({source})")),
            }
        }
    }
}
