//! Which repository an address of git leads to, however it is written; what only looks like it is not it.

use url::Url;

use crate::settings::{Repo, is_loopback};

/// GitHub answers ssh on port 443 under this name.
const GITHUB_SSH: &str = "ssh.github.com";

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    by: By,
    /// In lower case.
    host: String,
    /// OWNER/NAME; of a folder its last two parts.
    repo: Repo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Https,
    Http,
    Ssh,
    Folder,
}

/// Whether an address of git is `repo` at the host of `web`. Plain http and folders are for practice: they count where
/// `web` is a loopback host, and there any loopback host does.
pub fn is_repo(address: &str, repo: &Repo, web: &Url) -> bool {
    let Some(found) = parse(address) else { return false };
    let practice = is_loopback(web);
    let host = match found.by {
        By::Folder => practice,
        By::Https | By::Http | By::Ssh if practice => is_local(&found.host),
        By::Https => web.host_str() == Some(&found.host),
        By::Ssh => {
            let github = web.host_str() == Some("github.com") && found.host == GITHUB_SSH;
            web.host_str() == Some(&found.host) || github
        }
        By::Http => false,
    };
    host && found.repo.is(repo)
}

/// An address without user and password, for people.
pub fn shown(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').map_or((rest, None), |(a, p)| (a, Some(p)));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
        }
        None => address.to_owned(),
    }
}

/// What a program printed, without users and passwords in the addresses in it.
pub fn scrubbed(text: &str) -> String {
    text.split(' ')
        .map(|word| if word.contains("://") { shown(word) } else { word.to_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

fn parse(address: &str) -> Option<Address> {
    // Whatever could be read in two ways is nobody's address.
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '%' | '?' | '#' | '"' | '\'' | '<' | '>');
    if address.is_empty() || !address.chars().all(plain) || address.contains("..") || address.contains("/./") {
        return None;
    }
    if let Some((scheme, rest)) = address.split_once("://") {
        let by = match scheme.to_ascii_lowercase().as_str() {
            "https" => By::Https,
            "http" => By::Http,
            "ssh" | "git+ssh" | "ssh+git" => By::Ssh,
            "file" => return rest.starts_with('/').then(|| folder(rest)).flatten(),
            _ => return None,
        };
        let url = Url::parse(address).ok()?;
        return Some(Address { by, host: url.host_str()?.to_ascii_lowercase(), repo: repo(url.path())? });
    }
    if address.starts_with('/') {
        return folder(address);
    }
    // As scp has it: [user@]host:path.
    let (host, path) = address.split_once(':')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if host.is_empty() || host.starts_with('-') || host.contains('/') {
        return None;
    }
    Some(Address { by: By::Ssh, host: host.to_ascii_lowercase(), repo: repo(path)? })
}

fn folder(path: &str) -> Option<Address> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (owner, name) = path.rsplit_once('/').and_then(|(rest, name)| Some((rest.rsplit_once('/')?.1, name)))?;
    Some(Address { by: By::Folder, host: String::new(), repo: repo(&format!("{owner}/{name}"))? })
}

/// OWNER/NAME, with or without a `/` at either end and `.git` behind it.
fn repo(path: &str) -> Option<Repo> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    Repo::parse(path.strip_suffix(".git").unwrap_or(path)).ok()
}

fn is_local(host: &str) -> bool {
    Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(address: &str) -> bool {
        let web = Url::parse("https://github.com").unwrap();
        is_repo(address, &Repo::parse("Seregawpn/Nexy_server").unwrap(), &web)
    }

    #[test]
    fn every_spelling_of_the_code_repository_is_it() {
        for address in [
            "https://github.com/Seregawpn/Nexy_server.git",
            "https://github.com/Seregawpn/Nexy_server",
            "https://github.com/Seregawpn/Nexy_server/",
            "HTTPS://GitHub.COM/seregawpn/nexy_SERVER.git",
            "https://somebody@github.com/Seregawpn/Nexy_server.git",
            "https://somebody:token@github.com:443/Seregawpn/Nexy_server.git",
            "git@github.com:Seregawpn/Nexy_server.git",
            "git@GitHub.com:Seregawpn/Nexy_server",
            "github.com:/Seregawpn/Nexy_server.git",
            "ssh://git@github.com/Seregawpn/Nexy_server.git",
            "ssh://git@github.com:22/Seregawpn/Nexy_server",
            "ssh://git@ssh.github.com:443/Seregawpn/Nexy_server.git",
            "git+ssh://git@github.com/Seregawpn/Nexy_server.git",
        ] {
            assert!(is(address), "{address}");
        }
    }

    #[test]
    fn row_25_what_only_looks_like_it_is_not_it() {
        for address in [
            "",
            "https://github.com/Seregawpn/Nexy",
            "https://github.com/Seregawpn/Nexy_server2.git",
            "https://github.com/Seregawpn/Nexy-server.git",
            "https://github.com/Seregawpn/Nexy_server.git.git",
            "https://github.com/Seregawpn/Nexy_production.git",
            "https://github.com/evil/Seregawpn/Nexy_server.git",
            "https://github.com/evil/../Seregawpn/Nexy_server.git",
            "https://github.com/Seregawpn//Nexy_server.git",
            "https://github.com/Seregawpn/Nexy%5Fserver.git",
            "https://github.com/Seregawpn/Nexy_server.git?x",
            "https://github.com.evil.example/Seregawpn/Nexy_server.git",
            "https://github.com@evil.example/Seregawpn/Nexy_server.git",
            "https://evil.example\\@github.com/Seregawpn/Nexy_server.git",
            "https://evil.example/github.com/Seregawpn/Nexy_server.git",
            "https://ssh.github.com/Seregawpn/Nexy_server.git",
            "https://gіthub.com/Seregawpn/Nexy_server.git",
            "https://xn--gthub-n4a.com/Seregawpn/Nexy_server.git",
            "http://github.com/Seregawpn/Nexy_server.git",
            "git://github.com/Seregawpn/Nexy_server.git",
            "git@github.com.evil.example:Seregawpn/Nexy_server.git",
            "github.com@evil.example:Seregawpn/Nexy_server.git",
            "git@github.com:evil/Seregawpn/Nexy_server.git",
            "-oProxyCommand=x:Seregawpn/Nexy_server.git",
            "ext::sh -c x github.com:Seregawpn/Nexy_server",
            "/srv/git/Seregawpn/Nexy_server.git",
            "file:///srv/git/Seregawpn/Nexy_server.git",
            "../Seregawpn/Nexy_server.git",
            "http://127.0.0.1:8080/Seregawpn/Nexy_server.git",
        ] {
            assert!(!is(address), "{address}");
        }
    }

    #[test]
    fn in_practice_what_lies_on_this_machine_counts() {
        let web = Url::parse("http://127.0.0.1:4000").unwrap();
        let is = |address: &str| is_repo(address, &Repo::parse("Seregawpn/Nexy_server").unwrap(), &web);
        for address in [
            "http://127.0.0.1:8080/Seregawpn/Nexy_server.git",
            "git@localhost:Seregawpn/Nexy_server.git",
            "/srv/git/Seregawpn/Nexy_server.git",
            "file:///srv/git/Seregawpn/Nexy_server",
        ] {
            assert!(is(address), "{address}");
        }
        assert!(!is("https://github.com/Seregawpn/Nexy_server.git"), "practice never reaches the real one");
        assert!(!is("/srv/git/Seregawpn/Nexy.git") && !is("file://host/Seregawpn/Nexy_server.git"));
    }

    #[test]
    fn row_22_no_password_is_shown() {
        assert_eq!(shown("https://somebody:token@github.com/a/b.git"), "https://github.com/a/b.git");
        let said = "fatal: unable to access 'https://somebody:token@h/a/b': no";
        assert_eq!(scrubbed(said), "fatal: unable to access 'https://h/a/b': no");
    }
}
