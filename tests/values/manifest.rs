//! Manifests: what is refused, and what is kept to the byte.

use nexy_release::release::manifest::Manifest;
use nexy_release::release::version::{TagTemplate, Version};

use super::sample::{MANIFEST, fingerprint, manifest, target};

/// The sample with one piece of its text replaced.
fn with(from: &str, to: &str) -> String {
    assert_eq!(MANIFEST.matches(from).count(), 1, "{from} stands once in the sample");
    MANIFEST.replace(from, to)
}

fn refusal(text: &str) -> String {
    Manifest::parse(text.as_bytes()).err().unwrap_or_else(|| panic!("accepted: {text}")).to_string()
}

#[test]
fn the_workspaces_manifest_is_read_and_rendered_to_the_byte() {
    let manifest = manifest();
    assert_eq!(manifest.render(), MANIFEST);
    assert_eq!(manifest.version(), Some(Version::new([1, 6, 1, 43])));
    let fingerprint = manifest.fingerprint().unwrap();
    assert_eq!(fingerprint.size, 258_560);
    assert!(MANIFEST.contains(&fingerprint.sha256.to_string()));
    assert_eq!(manifest.signature(), None, "an empty signature is none");
}

#[test]
fn row_19_broken_json_is_refused_with_line_and_column() {
    let text = with("\"critical\": false", "\"critical\": flase");
    assert!(refusal(&text).ends_with("at line 14 column 16"), "{}", refusal(&text));
    assert!(refusal("").contains("line 1 column 0"));
    assert!(refusal(&MANIFEST[..200]).contains("line 7"), "cut off: {}", refusal(&MANIFEST[..200]));
    assert!(refusal(&format!("{MANIFEST}{{}}")).contains("trailing characters at line 18 column 1"));
    assert!(refusal(&format!("\u{feff}{MANIFEST}")).contains("line 1 column 1"), "a byte order mark");
    assert!(Manifest::parse(b"{\"version\": \"\xff\"}").is_err(), "not UTF-8");
}

#[test]
fn row_19_a_key_that_stands_twice_is_refused_at_every_depth() {
    for (from, to, line) in [
        ("\"critical\": false,", "\"critical\": false,\n  \"version\": \"9.9.9.9\",", 15),
        ("\"size\": 258560,", "\"size\": 258560, \"size\": 1,", 8),
        ("\"critical\": false,", "\"critical\": false, \"list\": [0, [{\"a\": 1, \"a\": 1}]],", 14),
        ("\"critical\": false,", "\"critical\": false, \"\\u0063ritical\": true,", 14),
    ] {
        let why = refusal(&with(from, to));
        assert!(why.contains("stands twice") && why.contains(&format!("at line {line} ")), "{why}");
    }
    let twins = with("\"critical\": false,", "\"critical\": false, \"list\": [{\"a\": 1}, {\"a\": 1}],");
    assert!(Manifest::parse(twins.as_bytes()).is_ok(), "one key in two objects is no duplicate");
}

#[test]
fn row_19_wrong_types_are_refused_and_named() {
    for (from, to, field) in [
        ("\"version\": \"1.6.1.43\"", "\"version\": 1.6", "version"),
        ("\"version\": \"1.6.1.43\"", "\"version\": \"1.6.1\"", "version"),
        ("\"version\": \"1.6.1.43\"", "\"version\": \"v1.6.1.43\"", "version"),
        ("\"build\": \"1.6.1.43\"", "\"build\": 16143", "build"),
        ("\"release_date\": \"2026-02-19T02:15:29.000000+00:00\"", "\"release_date\": 0", "release_date"),
        ("\"type\": \"dmg\"", "\"type\": null", "artifact.type"),
        ("\"url\": \"https", "\"url\": \"/relative/https", "artifact.url"),
        ("\"size\": 258560", "\"size\": \"258560\"", "artifact.size"),
        ("\"size\": 258560", "\"size\": -1", "artifact.size"),
        ("\"size\": 258560", "\"size\": 258560.5", "artifact.size"),
        ("\"size\": 258560", "\"size\": 18446744073709551616", "artifact.size"),
        ("\"sha256\": \"5", "\"sha256\": \"", "artifact.sha256"),
        ("\"sha256\": \"5", "\"sha256\": \"g", "artifact.sha256"),
        ("\"arch\": \"universal2\"", "\"arch\": []", "artifact.arch"),
        ("\"min_os\": \"11.0\"", "\"min_os\": 11.0", "artifact.min_os"),
        ("\"ed25519\": \"\"", "\"ed25519\": null", "artifact.ed25519"),
        ("\"critical\": false", "\"critical\": \"no\"", "critical"),
        ("\"auto_install\": true", "\"auto_install\": 1", "auto_install"),
    ] {
        let why = refusal(&with(from, to));
        assert!(why.starts_with(&format!("`{field}` must be ")), "{to}: {why}");
    }
}

#[test]
fn row_19_an_artifact_that_is_no_object_is_named_as_such() {
    let mut document: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    for wrong in [serde_json::json!("Nexy.dmg"), serde_json::json!([]), serde_json::Value::Null] {
        document["artifact"] = wrong;
        let why = refusal(&document.to_string());
        assert!(why.starts_with("`artifact` must be an object"), "{why}");
    }
}

#[test]
fn row_19_a_long_wrong_value_is_not_repeated_whole() {
    let why = refusal(&with("\"size\": 258560", &format!("\"size\": \"{}\"", "9".repeat(10_000))));
    assert!(why.len() < 200, "{} bytes", why.len());
}

#[test]
fn missing_fields_are_refused_and_named() {
    let whole: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    for field in ["version", "build", "artifact"] {
        let mut document = whole.clone();
        document.as_object_mut().unwrap().remove(field);
        assert_eq!(refusal(&document.to_string()), format!("`{field}` is missing"));
    }
    for field in ["type", "url", "size", "sha256"] {
        let mut document = whole.clone();
        document["artifact"].as_object_mut().unwrap().remove(field);
        assert_eq!(refusal(&document.to_string()), format!("`artifact.{field}` is missing"));
    }
    for document in ["[]", "\"text\"", "null", "7"] {
        assert_eq!(refusal(document), "it is not a JSON object");
    }
}

#[test]
fn fields_that_clients_can_do_without_may_be_missing() {
    let mut document: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    let map = document.as_object_mut().unwrap();
    for field in ["release_date", "critical", "auto_install", "notes_url"] {
        map.remove(field);
    }
    let artifact = document["artifact"].as_object_mut().unwrap();
    for field in ["arch", "min_os", "ed25519"] {
        artifact.remove(field);
    }
    let manifest = Manifest::parse(document.to_string().as_bytes()).unwrap();
    let text = manifest.updated(&target()).render();
    for filled in ["\"arch\": \"universal2\"", "\"min_os\": \"11.0\"", "\"ed25519\": \"\"", "LATEST_CHANGES.md"] {
        assert!(text.contains(filled), "{filled} in {text}");
    }
}

#[test]
fn row_19_unknown_keys_big_numbers_and_the_order_of_keys_are_kept() {
    let extra = "  \"zeta\": 123456789012345678901234567890,\n  \"alpha\": 1.10,\n  \"exp\": 1e+400,\n  \"Имя\": \"Некси \u{1f680} é\",\n  \"nested\": {\n    \"z\": [],\n    \"a\": {}\n  },\n  \"critical\"";
    let text = with("  \"critical\"", extra);
    let manifest = Manifest::parse(text.as_bytes()).unwrap();
    assert_eq!(manifest.render(), text, "to the byte");
    let updated = manifest.updated(&target()).dated("2026-02-20T10:00:00.000000+00:00").render();
    assert!(updated.contains(extra), "{updated}");
    let keys = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once("\":")?.0.trim().to_owned())).collect()
    };
    assert_eq!(keys(&updated), keys(&text));
}

#[test]
fn the_text_has_two_spaces_of_indent_plain_utf8_and_a_final_newline() {
    let packed: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    assert_eq!(Manifest::parse(packed.to_string().as_bytes()).unwrap().render(), MANIFEST);
    let escaped =
        with("\"type\": \"dmg\"", "\"type\": \"dmg\",\n    \"note\": \"\\u043d\\u0435\\u043a\\u0441\\u0438\"");
    let text = Manifest::parse(escaped.as_bytes()).unwrap().render();
    assert!(text.contains("\"note\": \"некси\"") && text.ends_with("\n}\n") && !text.ends_with("\n\n"), "{text}");
}

#[test]
fn a_manifest_made_anew_has_the_documented_shape() {
    let made = Manifest::create(&target()).dated("2026-02-20T10:00:00.000000+00:00");
    let sha256 = fingerprint("the disk image").sha256;
    let expected = format!(
        r#"{{
  "version": "1.6.1.44",
  "build": "1.6.1.44",
  "release_date": "2026-02-20T10:00:00.000000+00:00",
  "artifact": {{
    "type": "dmg",
    "url": "https://github.com/Seregawpn/Nexy_production/releases/download/v1.6.1.44/Nexy.dmg",
    "size": 14,
    "sha256": "{sha256}",
    "arch": "universal2",
    "min_os": "11.0",
    "ed25519": ""
  }},
  "critical": false,
  "auto_install": true,
  "notes_url": "https://github.com/Seregawpn/Nexy_production/releases/download/v1.6.1.44/LATEST_CHANGES.md"
}}
"#
    );
    assert_eq!(made.render(), expected);
    assert_eq!(Manifest::parse(expected.as_bytes()).unwrap(), made, "what is written can be read");
}

#[test]
fn the_version_of_the_url_is_that_of_its_tag() {
    let tags = TagTemplate::parse("v{version}").unwrap();
    let url_version = |url: &str| {
        let text = MANIFEST.replacen(
            "https://github.com/Seregawpn/Nexy_production/releases/download/v1.6.1.43/Nexy.dmg",
            url,
            1,
        );
        Manifest::parse(text.as_bytes()).unwrap().url_version(&tags)
    };
    assert_eq!(manifest().url_version(&tags), Some(Version::new([1, 6, 1, 43])));
    assert_eq!(
        url_version("http://127.0.0.1:8080/o/r/releases/download/v1.6.1.42/Nexy.dmg"),
        Some(Version::new([1, 6, 1, 42]))
    );
    for url in [
        "https://github.com/o/r/releases/download/Update/Nexy.dmg",
        "https://github.com/o/r/releases/latest/download/Nexy.dmg",
        "https://nexy.example/updates/appcast.xml",
        "https://github.com/o/r/releases/download/1.6.1.42/Nexy.dmg",
    ] {
        assert_eq!(url_version(url), None, "{url}");
    }
}
