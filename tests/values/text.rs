//! Sanitised text: nothing from outside moves a cursor, turns a line round or hides in it.

use nexy_release::release::text::Clean;

#[track_caller]
fn becomes(raw: &str, clean: &str) {
    assert_eq!(Clean::new(raw).as_str(), clean, "{raw:?}");
}

#[test]
fn plain_text_in_any_script_stays() {
    for text in
        ["", "Nexy.dmg", "две строки\n\tи отступ", "日本語 é e\u{301} \u{1f680} \u{2764}\u{fe0f}", "C:\\path\\u{1b}"]
    {
        becomes(text, text);
    }
}

#[test]
fn row_21_control_sequences_go_whole() {
    for (raw, clean) in [
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}[38;2;1;2;3mx\u{1b}[?25l", "x"),
        ("\u{1b}[2J\u{1b}[Hx", "x"),
        ("\u{1b}[1 qx", "x"),
        ("a\u{1b}]0;title\u{7}b", "ab"),
        ("a\u{1b}]8;;https://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\b", "alinkb"),
        ("a\u{1b}]52;c;ZXZpbA==\u{9c}b", "ab"),
        ("a\u{1b}P+q544e\u{1b}\\b", "ab"),
        ("a\u{1b}_apc\u{1b}\\\u{1b}^pm\u{1b}\\\u{1b}Xsos\u{1b}\\b", "ab"),
        ("a\u{1b}cb", "ab"),
        ("a\u{1b}(Bb", "ab"),
        ("a\u{1b}#8b", "ab"),
        ("a\u{1b}7\u{1b}8b", "ab"),
    ] {
        becomes(raw, clean);
    }
}

#[test]
fn row_21_a_sequence_that_breaks_off_hides_nothing_behind_it() {
    for (raw, clean) in [
        ("a\u{1b}", "a"),
        ("a\u{1b}[", "a"),
        ("a\u{1b}[31", "a"),
        ("a\u{1b}[31\nb", "a\nb"),
        ("a\u{1b}[31ошибка", "aошибка"),
        ("a\u{1b}]0;title", "a"),
        ("a\u{1b}]0;title\nERROR: b", "a\nERROR: b"),
        ("a\u{1b}P\n\u{1b}[31mb", "a\nb"),
        ("a\u{1b}]0;x\u{1b}[31mb", "ab"),
        ("a\u{1b}]0;x\u{18}b", "ab"),
        ("a\u{1b}\u{1b}[31mb", "ab"),
        ("a\u{1b}\nb", "a\nb"),
        ("a\u{1b}яb", "aяb"),
        ("a\u{1b}[\u{202e}b", "a\\u{202e}b"),
    ] {
        becomes(raw, clean);
    }
}

#[test]
fn row_21_other_controls_are_written_out() {
    for (raw, clean) in [
        ("a\0b", "a\\u{0}b"),
        ("a\u{7}b\u{8}c\u{7f}d", "a\\u{7}b\\u{8}c\\u{7f}d"),
        ("a\u{9b}31mb", "a\\u{9b}31mb"),
        ("a\u{85}b\u{9d}c", "a\\u{85}b\\u{9d}c"),
        ("shown\rhidden", "shown\\u{d}hidden"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\r\r\nb", "a\\u{d}\nb"),
        ("a\u{b}b\u{c}c", "a\\u{b}b\\u{c}c"),
    ] {
        becomes(raw, clean);
    }
}

#[test]
fn row_21_bidi_zero_width_and_tag_characters_are_written_out() {
    for c in [
        '\u{61c}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{200b}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{2028}',
        '\u{2029}',
        '\u{ad}',
        '\u{34f}',
        '\u{180e}',
        '\u{3164}',
        '\u{fff9}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{e0100}',
    ] {
        becomes(&format!("Nexy{c}.dmg"), &format!("Nexy{}.dmg", c.escape_unicode()));
    }
}

#[test]
fn row_21_no_character_gets_through_that_a_terminal_obeys() {
    let every = (0..=0x2ff_u32).chain(0x2000..=0x206f).chain(0xe0000..=0xe0fff).filter_map(char::from_u32);
    for c in every {
        let clean = Clean::new(&format!("a{c}b"));
        assert!(clean.as_str().chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{c:?}");
    }
}

#[test]
fn cleaning_twice_is_cleaning_once_and_json_cleans_again() {
    let raw = "\u{1b}[31m\u{202e}a\rb\u{1b}]0;x";
    let once = Clean::new(raw);
    assert_eq!(Clean::new(once.as_str()), once);
    let json = serde_json::to_string(&once).unwrap();
    assert_eq!(serde_json::from_str::<Clean>(&json).unwrap(), once);
    let hostile = serde_json::to_string(raw).unwrap();
    assert_eq!(serde_json::from_str::<Clean>(&hostile).unwrap(), once, "a journal may have been edited");
    assert_eq!(
        (Clean::from(raw), Clean::from(raw.to_owned()), Clean::from(&raw.to_owned())),
        (once.clone(), once.clone(), once)
    );
}

#[test]
fn a_line_is_one_line_of_at_most_so_many_characters() {
    for (raw, max, line) in [
        ("  two\n lines\t", 40, "two lines"),
        ("пятеро", 6, "пятеро"),
        ("пятеро", 5, "пяте…"),
        ("\u{1b}[31mred\u{1b}[0m", 3, "red"),
        ("a\nb", 1, "…"),
        ("", 5, ""),
    ] {
        assert_eq!(Clean::line(raw, max).as_str(), line);
    }
    assert!(Clean::new("\u{1b}[31m").is_empty() && !Clean::new("x").is_empty());
    assert_eq!(format!("{:>4}|", Clean::new("ab")), "  ab|", "it can be aligned");
}
