//! The client's order of versions: a table of pairs, each with what decides.

use std::cmp::Ordering::{self, Equal, Greater, Less};

use nexy_release::release::sparkle::compare;

const PAIRS: &[(&str, &str, Ordering, &str)] = &[
    ("1.6.1.43", "1.6.1.44", Less, "part 4: 43 comes before 44"),
    ("1.6.1.44", "1.6.1.43", Greater, "part 4: 44 comes after 43"),
    ("1.6.1.44", "1.6.1.44", Equal, "every part is equal"),
    ("1.6.1.9", "1.6.1.10", Less, "part 4: 9 comes before 10"),
    ("1.6.2.0", "1.6.1.99", Greater, "part 3: 2 comes after 1"),
    ("1.10.0.0", "1.9.9.9", Greater, "part 2: 10 comes after 9"),
    ("2.0.0.0", "1.99.99.99", Greater, "part 1: 2 comes after 1"),
    ("10.0.0.0", "9.0.0.0", Greater, "part 1: 10 comes after 9"),
    ("1.6.1", "1.6.1.0", Equal, "every part is equal"),
    ("1.6.1.0", "1.6.1", Equal, "every part is equal"),
    ("1.6", "1.6.0.0", Equal, "every part is equal"),
    ("1", "1.0.0.0", Equal, "every part is equal"),
    ("1.6.1", "1.6.1.1", Less, "part 4: 0 comes before 1"),
    ("1.6.1.1", "1.6.1", Greater, "part 4: 1 comes after 0"),
    ("1.6.1.044", "1.6.1.44", Equal, "every part is equal"),
    ("1.6.1.0044", "1.6.1.045", Less, "part 4: 0044 comes before 045"),
    ("", "1.6.1.44", Less, "part 1: 0 comes before 1"),
    ("", "", Equal, "every part is equal"),
    ("", "0", Equal, "every part is equal"),
    ("v1.6.1.44", "1.6.1.43", Less, "`v` is text: it is older than any number"),
    ("v9.9.9.9", "0.0.0.1", Less, "`v` is text: it is older than any number"),
    ("1.6.1.43", "v1.6.1.44", Greater, "`v` is text: it is older than any number"),
    ("v1.6.1.43", "v1.6.1.44", Less, "part 5: 43 comes before 44"),
    ("1.6.1.44-beta", "1.6.1.44", Equal, "every part is equal"),
    ("1.6.1.44-9", "1.6.1.44", Equal, "every part is equal"),
    ("1.6.1.44-beta", "1.6.1.43", Greater, "part 4: 44 comes after 43"),
    ("1.6.1.43-zzz", "1.6.1.44-aaa", Less, "part 4: 43 comes before 44"),
    ("1.6.1.44b1", "1.6.1.44", Less, "1.6.1.44b1 goes on with the text `b`: that comes before it"),
    ("1.6.1.44", "1.6.1.44b1", Greater, "1.6.1.44b1 goes on with the text `b`: that comes before it"),
    ("1.6.1.44b1", "1.6.1.44b2", Less, "part 6: 1 comes before 2"),
    ("1.6.1.44a1", "1.6.1.44b1", Less, "part 5: `a` comes before `b`"),
    ("1.6.1.44rc1", "1.6.1.44b9", Greater, "part 5: `rc` comes after `b`"),
    ("1.6.1.44b10", "1.6.1.44b9", Greater, "part 6: 10 comes after 9"),
    ("1.6.1.44b1", "1.6.1.43", Greater, "part 4: 44 comes after 43"),
    ("1.0b1", "1.0.1", Less, "part 3: 0 comes before 1"),
    ("1.0.b1", "1.0.1", Less, "part 3: 0 comes before 1"),
    ("1.6.1 (44)", "1.6.1", Greater, "1.6.1 (44) goes on with a separator"),
    ("1.6.1 44", "1.6.1 43", Greater, "part 4: 44 comes after 43"),
    ("1..2", "1.0.2", Less, "0 stands where the other has a period"),
    ("1.6.1,44", "1.6.1.44", Less, "part 4: 0 comes before 44"),
    ("99999999999999999999.0", "100000000000000000000.0", Equal, "every part is equal"),
    (
        "9223372036854775806",
        "9223372036854775807",
        Less,
        "part 1: 9223372036854775806 comes before 9223372036854775807",
    ),
    ("1.6.1.44+5", "1.6.1.44", Less, "1.6.1.44+5 goes on with the text `+`: that comes before it"),
    ("1.6.1.44~rc1", "1.6.1.44", Less, "1.6.1.44~rc1 goes on with the text `~rc`: that comes before it"),
    ("1.6.1.44\u{a0}", "1.6.1.44", Greater, "1.6.1.44\u{a0} goes on with a separator"),
    ("abc", "abd", Less, "part 1: `abc` comes before `abd`"),
    ("1.6.1.44.0", "1.6.1.44", Equal, "every part is equal"),
    ("1.6.1.44.1", "1.6.1.44", Greater, "part 5: 1 comes after 0"),
];

#[test]
fn versions_are_ordered_as_the_client_orders_them() {
    for (one, other, order, why) in PAIRS {
        let found = compare(one, other);
        assert_eq!((found.order, found.why.as_str()), (*order, *why), "`{one}` and `{other}`");
        assert_eq!(compare(other, one).order, order.reverse(), "`{other}` and `{one}`");
    }
}
