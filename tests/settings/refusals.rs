//! What is refused, and where: each refusal names line and column, or the variable.

use std::path::Path;

use nexy_release::release::code::{Code, Exit};
use nexy_release::release::failure::Failure;
use nexy_release::settings::{Environment, Origin, check, load};
use tempfile::TempDir;
use url::Url;

use super::{loaded, with, workspace};

fn all(text: &str) -> Vec<Failure> {
    check(workspace(text).path(), &Environment::default())
}

/// Exactly one failure, with this place, code, and a word of its fix.
#[track_caller]
fn refused(text: &str, place: &str, code: Code, fix: &str) -> Failure {
    let failures = all(text);
    assert_eq!(failures.len(), 1, "{text}\n{failures:#?}");
    let failure = failures[0].clone();
    assert!(failure.what.as_str().starts_with(&format!("release.toml:{place}: ")), "{text}\n{failure:#?}");
    assert_eq!((failure.code, failure.exit()), (code, Exit::Usage), "{text}\n{failure:#?}");
    assert!(!failure.why.is_empty(), "{failure:#?}");
    assert!(failure.fix.iter().any(|line| line.as_str().contains(fix)), "no {fix:?} in {failure:#?}");
    assert_eq!(load(workspace(text).path(), &Environment::default()), Err(failure.clone()));
    failure
}

#[test]
fn row_20_unknown_keys_are_refused_with_the_nearest() {
    use Code::SettingsUnknown as Unknown;
    refused("[release]\nrepoo = \"a/b\"\n", "2:1", Unknown, "`release.repo`");
    refused("# x\n[releas]\nrepo = \"a/b\"\n", "2:2", Unknown, "`release`");
    refused("  repo = \"a/b\"\n", "1:3", Unknown, "`release.repo`");
    refused("[github]\nmax_wait = 3\n", "2:1", Unknown, "`github.max_wait_s`");
    refused("[[release.asset]]\nname = \"a.dmg\"\nkind = \"dmg\"\n manifst = true\n", "4:2", Unknown, "`manifest`");
    let far = refused("[vm]\ncompletely_other = 1\n", "2:1", Unknown, "config show");
    assert!(!far.why.as_str().contains("perhaps"), "{far:#?}");
}

#[test]
fn row_20_wrong_types_are_refused() {
    use Code::SettingsType as Type;
    refused("[release]\n\nrepo = 3\n", "3:8", Type, "text in quotes");
    refused("[github]\nidle_timeout_s = \"30\"\n", "2:18", Type, "whole number");
    refused("[github]\nidle_timeout_s = 1.5\n", "2:18", Type, "whole number");
    refused("[vm]\nenabled = \"yes\"\n", "2:11", Type, "true or false");
    refused("[manifest]\npaths = \"a.json\"\n", "2:9", Type, "list of texts");
    refused("[manifest]\npaths = [\n  \"a.json\",\n  7]\n", "4:3", Type, "text in quotes");
    refused("release = 3\n", "1:11", Type, "[release]");
    refused("[release]\nasset = [\"Nexy.dmg\"]\n", "2:10", Type, "{ name = value");
    refused("[keys]\nquit = 1\n", "2:8", Type, "text in quotes");
}

#[test]
fn row_20_plain_http_and_addresses_that_are_none_are_refused() {
    use Code::SettingsValue as Value;
    let url = |key: &str, text: &str| format!("[github]\n{key} = \"{text}\"\n");
    refused(&url("api_url", "http://api.github.com"), "2:11", Value, "https://");
    refused(&url("web_url", "http://127.0.0.1.nip.io"), "2:11", Value, "https://");
    refused("[updates]\nupdates_url = \"http://example.org/updates\"\n", "2:15", Value, "https://");
    for text in
        ["api.github.com", "https:api.github.com", "https:\\\\\\\\api.github.com", " https://api.github.com", ""]
    {
        refused(&url("api_url", text), "2:11", Value, "https://");
    }
    refused(&url("api_url", "ftp://api.github.com"), "2:11", Value, "https://");
    refused(&url("api_url", "https://api.github.com?x=1"), "2:11", Value, "`?`");
    refused(&url("api_url", "https://api.github.com#x"), "2:11", Value, "`#`");
    let user = refused(&url("api_url", "https://me:canary@api.github.com"), "2:11", Value, "`@`");
    assert!(!format!("{user:?}").contains("canary"));
}

#[test]
fn row_10_row_20_another_host_needs_its_own_token() {
    use Code::SettingsValue as Value;
    refused("[github]\napi_url = \"https://git.example.org/api/v3\"\n", "2:11", Value, "github.token_env");
    refused("[github]\nupload_hosts = [\"uploads.github.com\", \"evil.example\"]\n", "2:39", Value, "github.token_env");
    refused("[github]\nupload_hosts = [\"github.com.evil.example\"]\n", "2:17", Value, "github.token_env");
    for name in ["GH_TOKEN", "GITHUB_TOKEN"] {
        let text = format!("[github]\napi_url = \"https://git.example.org\"\ntoken_env = \"{name}\"\n");
        refused(&text, "3:13", Value, "variable of its own");
    }
    let own = loaded("[github]\napi_url = \"https://git.example.org/api/\"\ntoken_env = \"OWN\"\n").settings.github;
    let at = |text: &str| Url::parse(text).unwrap();
    assert!(own.may_receive_token(&at("https://git.example.org/api/x")));
    // The listed upload host is github.com's: it takes github.com's tokens, not this host's.
    assert!(!own.may_receive_token(&at("https://uploads.github.com/x")));
    assert!(!own.may_receive_token(&at("https://git.example.org:8443/x")));
}

#[test]
fn values_that_are_not_allowed_are_refused_with_their_place() {
    use Code::SettingsValue as Value;
    let signed = |rest: &str| format!("public_key = \"{}8=\"\n{rest}", "A".repeat(42));
    let without_file = signed("command = [\"sign_update\"]");
    let two_sources = signed("key_env = \"A_KEY\"\nkey_file = \"/etc/key\"");
    let cases = [
        ("release", "repo = \"Nexy_production\"", "2:8", "owner and name"),
        ("release", "repo = \"https://github.com/a/b\"", "2:8", "owner and name"),
        ("release", "repo = \"a/b.git\"", "2:8", "owner and name"),
        ("git", "expected_repo = \"a/б\"", "2:17", "owner and name"),
        ("release", "tag = \"v\"", "2:7", "v{version}"),
        ("release", "tag = \"v{version}{version}\"", "2:7", "v{version}"),
        ("release", "title = \"Nexy {verison}\"", "2:9", "{version}"),
        ("release", "inbox = \"/tmp/inbox\"", "2:9", "relative"),
        ("release", "inbox = \"../inbox\"", "2:9", ".."),
        ("release", "inbox = \".\"", "2:9", "names"),
        ("release", "inbox = \"\"", "2:9", "names"),
        ("release", "inbox = \"in\\u0000box\"", "2:9", "remove"),
        ("manifest", "paths = [\"a.json\", \"b/../c.json\"]", "2:20", ".."),
        ("manifest", "paths = [\".git/config\"]", "2:10", "another folder"),
        ("manifest", "paths = []", "2:9", "canonical"),
        ("manifest", "paths = [\"a.json\", \"a.json\"]", "2:20", "remove one"),
        ("manifest", "notes_url = \"{webb_url}/x\"", "2:13", "{web_url}"),
        ("manifest", "notes_url = \"http://example.org/\"", "2:13", "https://"),
        ("manifest", "min_os = \"eleven\"", "2:10", "11.0"),
        ("github", "idle_timeout_s = 0", "2:18", "1 to 3600"),
        ("github", "idle_timeout_s = 3601", "2:18", "1 to 3600"),
        ("github", "max_wait_s = -1", "2:14", "0 to 86400"),
        ("github", "max_wait_s = 86401", "2:14", "0 to 86400"),
        ("github", "max_wait_s = 99999999999999999999", "2:14", "smaller"),
        ("github", "token_env = \"MY TOKEN\"", "2:13", "such as"),
        ("github", "download_hosts = [\"https://a.example\"]", "2:19", "without https"),
        ("github", "download_hosts = [\"a.example:443\"]", "2:19", "port"),
        ("github", "download_hosts = [\"*.com\"]", "2:19", "two labels"),
        ("github", "download_hosts = [\"a.*.com\"]", "2:19", "ASCII"),
        ("github", "download_hosts = [\"me@a.example\"]", "2:19", "ASCII"),
        ("github", "download_hosts = [\"localhost:1\"]", "2:19", "remove it"),
        ("github", "web_url = \"https://localhost\"", "2:11", "public address"),
        ("signing", "public_key = \"AAAA\"", "2:14", "SUPublicEDKey"),
        ("signing", &without_file, "3:11", "{file}"),
        ("signing", &two_sources, "4:12", "all but one"),
        ("signing", "key_file = \"keys/update\"", "2:12", "`/`"),
        ("signing", "key_env = \"MY KEY\"", "2:11", "such as"),
        ("signing", "key_env = \"UPDATE_KEY\"", "2:11", "signing.public_key"),
        ("git", "remote = \"--upload-pack=x\"", "2:10", "git remote"),
        ("git", "push_manifest = true", "2:17", "commit_manifest"),
        ("vm", "program = []", "2:11", "az"),
        ("vm", "name = \"--ids\"", "2:8", "`-`"),
        ("vm", "app_dir = \"srv\"", "2:11", "`/`"),
        ("vm", "env_files = [\"../../etc/passwd\"]", "2:14", ".."),
        ("vm", "busy_retries = 11", "2:16", "0 to 10"),
        ("vm", "busy_wait_s = 3601", "2:15", "0 to 3600"),
        ("database", "url_env = \"postgres://u:p@h/d\"", "2:11", "such as"),
        ("database", "enabled = true\nurl_env = \"\"", "3:11", "database.enabled"),
        ("database", "backup_max_age_h = 0", "2:20", "1 to 8760"),
        ("database", "drill_max_age_days = 0", "2:22", "1 to 3650"),
        ("legacy", "channels = [{ tag = \"v1.2.3.4\", asset = \"Nexy.dmg\" }]", "2:21", "Update"),
        ("legacy", "channels = [{ tag = \"Update\", asset = \"Other.dmg\" }]", "2:39", "such a name"),
        ("legacy", "channels = [{ tag = \"Update\" }]", "2:13", "asset = "),
    ];
    for (section, line, place, fix) in cases {
        refused(&format!("[{section}]\n{line}\n"), place, Value, fix);
    }
    refused("config_version = 2\nnews = 1\n", "1:18", Value, "update nexy-release");
    refused("config_version = 0\n", "1:18", Value, "1 to 1");
}

#[test]
fn a_public_key_is_base64_of_32_bytes() {
    let key = |digits: usize, last: &str| format!("[signing]\npublic_key = \"{}{last}\"\n", "A".repeat(digits));
    assert!(loaded(&key(42, "8=")).settings.signing.public_key.is_some());
    // Too short, too long, no padding, another alphabet, and two bits more than 32 bytes have.
    for text in [key(41, "8="), key(43, "8="), key(42, "8"), key(41, "-8="), key(42, "B=")] {
        refused(&text, "2:14", Code::SettingsValue, "SUPublicEDKey");
    }
}

#[test]
fn assets_and_version_points_are_refused_with_their_place() {
    use Code::SettingsValue as Value;
    let entry =
        |keys: &str| format!("[[release.asset]]\nname = \"Nexy.dmg\"\nkind = \"dmg\"\n[[release.asset]]\n{keys}\n");
    for name in ["a/b.dmg", "a b.dmg", "Ünexy.dmg", ".hidden", "a.dmg.", "..", "", "a\\\\b"] {
        refused(&entry(&format!("name = \"{name}\"")), "5:8", Value, "rename");
    }
    refused(&entry("name = \"NEXY.DMG\""), "5:8", Value, "rename");
    refused(&entry("name = \"a.zip\"\nkind = \"zip\""), "6:8", Value, "dmg, pkg");
    refused(&entry("name = \"a.pkg\"\nkind = \"pkg\"\nmanifest = true"), "7:12", Value, "of the dmg");
    refused(&entry("kind = \"pkg\""), "4:1", Value, "name = ");
    let two = entry("name = \"a.dmg\"\nkind = \"dmg\"\nmanifest = true").replacen(
        "\"dmg\"\n",
        "\"dmg\"\nmanifest = true\n",
        1,
    );
    refused(&two, "8:12", Value, "manifest = false");
    let notes = "name = \"a.md\"\nkind = \"notes\"\n[[release.asset]]\nname = \"b.md\"\nkind = \"notes\"";
    refused(&entry(notes), "9:8", Value, "file");
    refused("[release]\nasset = [{ name = \"a.md\", kind = \"notes\" }]\n", "2:9", Value, "dmg");
    let point = |keys: &str| format!("[[version.point]]\nfile = \"VERSION\"\n{keys}\n");
    refused(&point("format = \"toml\""), "3:10", Value, "regex");
    refused(&point("format = \"text\"\nkey = \"x\""), "4:7", Value, "remove `key`");
    refused(&point("format = \"env\""), "1:1", Value, "add `key`");
    refused(&point("format = \"regex\"\npattern = \"v1\""), "4:11", Value, "{version}");
    refused(&point("format = \"regex\"\npattern = \"({version}\""), "4:11", Value, "mend it");
    refused(&point("format = \"xml\"\nkey = \"pkg-ref\""), "4:7", Value, "pkg-ref[@id=");
    refused(&point("format = \"text\"\noccurrence = \"last\""), "4:14", Value, "first or all");
}

#[test]
fn syntax_errors_and_secrets_are_refused_without_repeating_them() {
    let twice = refused("[git]\nremote = \"a\"\nremote = \"b\"\n", "3:1", Code::SettingsSyntax, "line");
    assert!(twice.what.as_str().contains("not TOML"));
    refused("[release]\nrepo = \"a/b\n", "2:12", Code::SettingsSyntax, "line");
    for mark in ["ghp_", "gho_", "ghs_", "github_pat_"] {
        let text = format!("[github]\ntoken_env = \"{mark}canary123\"\nwrong = 1\n");
        let failure = refused(&text, "2:14", Code::SettingsValue, "remove");
        assert!(failure.why.as_str().contains("no secret is ever a setting"));
        assert!(!format!("{failure:?}").contains("canary"));
        let comment = format!("\n# é {mark}canary123\n");
        refused(&comment, "2:5", Code::SettingsValue, "remove");
        let failure = with("NEXY_RELEASE__GITHUB__TOKEN_ENV", &format!("{mark}canary123")).unwrap_err();
        assert!(failure.what.as_str().starts_with("NEXY_RELEASE__GITHUB__TOKEN_ENV: "), "{failure:#?}");
        assert!(!format!("{failure:?}").contains("canary"));
    }
    loaded("# a token begins with ghp_ or github_pat_, and never stands here\n");
}

#[test]
fn every_problem_is_reported_at_once() {
    let failures = all("[release]\nrepo = 1\nnam = 2\n[github]\nmax_wait_s = -1\napi_url = \"http://a.example\"\n");
    let places: Vec<_> = failures.iter().map(|f| f.what.as_str().split(' ').next().unwrap().to_owned()).collect();
    for place in ["2:8", "3:1", "5:14", "6:11"] {
        assert!(places.contains(&format!("release.toml:{place}:")), "{place} in {places:?}");
    }
    assert_eq!(places.len(), 4, "{failures:#?}");
}

#[test]
fn an_odd_file_is_never_an_absent_one() {
    let bare = || tempfile::tempdir().unwrap();
    let refuse = |dir: &Path, why: &str| {
        let failure = load(dir, &Environment::default()).unwrap_err();
        assert_eq!(failure.code, Code::SettingsSyntax);
        assert!(failure.what.as_str().contains(why), "{why}: {failure:#?}");
    };
    let file = |dir: &TempDir| dir.path().join("release.toml");
    let dir = bare();
    std::fs::create_dir(file(&dir)).unwrap();
    refuse(dir.path(), "folder");
    let dir = bare();
    std::os::unix::fs::symlink("nowhere", file(&dir)).unwrap();
    refuse(dir.path(), "leads nowhere");
    let dir = bare();
    std::fs::write(file(&dir), b"# \xff\n").unwrap();
    refuse(dir.path(), "UTF-8");
    let dir = bare();
    std::fs::write(file(&dir), vec![b'#'; 256 * 1024 + 1]).unwrap();
    refuse(dir.path(), "256 KiB");
    let dir = bare();
    assert!(std::process::Command::new("mkfifo").arg(file(&dir)).status().unwrap().success());
    refuse(dir.path(), "not a file");
    let text = "\u{feff}[release]\r\ntitle = \"N\"\r\n";
    assert_eq!(loaded(text).origins.of("release.title"), Origin::File { line: 2, column: 9 });
}

#[test]
fn wrong_variables_are_refused_by_name() {
    for (name, value, code, fix) in [
        ("NEXY_RELEASE__GITHUB__MAX_WAIT", "3", Code::SettingsUnknown, "NEXY_RELEASE__GITHUB__MAX_WAIT_S"),
        ("NEXY_RELEASE__FOO", "3", Code::SettingsUnknown, "unset NEXY_RELEASE__FOO"),
        ("NEXY_RELEASE__GITHUB__MAX_WAIT_S", "3 s", Code::SettingsType, "whole number"),
        ("NEXY_RELEASE__GITHUB__MAX_WAIT_S", "\"3\"", Code::SettingsType, "whole number"),
        ("NEXY_RELEASE__VM__ENABLED", "", Code::SettingsType, "true or false"),
        ("NEXY_RELEASE__MANIFEST__PATHS", "a.json", Code::SettingsType, "list of texts"),
        ("NEXY_RELEASE__GITHUB__API_URL", "http://a.example", Code::SettingsValue, "https://"),
        ("NEXY_RELEASE__RELEASE__TITLE", "a\n[git]", Code::SettingsValue, "remove"),
        ("NEXY_RELEASE__VM__ENABLED", "true\n[git]\nx = 1", Code::SettingsType, "true or false"),
        ("NEXY_RELEASE__CONFIG_VERSION", "2", Code::SettingsValue, "1 to 1"),
    ] {
        let failure = with(name, value).unwrap_err();
        assert_eq!(failure.code, code, "{failure:#?}");
        assert!(failure.what.as_str().starts_with(&format!("{name}: ")), "{failure:#?}");
        assert!(failure.fix[0].as_str().contains(fix), "{failure:#?}");
    }
}
