//! What is read of an address, and written.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn read(query: &str) -> Search {
    Search::read(&QueryValues::from_query(Some(query)))
}

#[test]
fn every_filter_is_a_parameter() {
    let names: BTreeSet<_> = FILTERS
        .iter()
        .map(|filter| filter.name)
        .chain(["page"])
        .collect();
    assert_eq!(names, PARAMETERS.iter().copied().collect());
}

#[test]
fn an_address_is_read_and_written_in_one_order() {
    for (query, expected) in [
        ("", "/"),
        ("page=3&utm=x", "/"),
        ("q=+&guests=", "/"),
        (
            "q=a+b&place=%C3%89&guests=04",
            "/?place=%C3%89&q=a+b&guests=4",
        ),
        (
            "amenity=wifi&amenity=pool&amenity=wifi",
            "/?amenity=wifi&amenity=pool",
        ),
        ("kind=boat&kind=cabin", "/?kind=cabin"),
        ("min=10&max=20&sort=price", "/?min=10&max=20&sort=price"),
        (
            "to=2027-07-10&from=2027-07-03",
            "/?from=2027-07-03&to=2027-07-10",
        ),
    ] {
        let search = read(query);
        assert_eq!(search.path("/", 1), expected, "{query}");
        assert_eq!(search.wrong, [], "{query}");
    }
    assert_eq!(read("q=a").path("/", 2), "/?q=a&page=2");
}

#[test]
fn what_is_wrong_is_told_and_the_rest_is_kept() {
    let long = format!("q={}", "a".repeat(201));
    for (query, name, problem) in [
        ("guests=0", "guests", Problem::NoNumber(1..=50)),
        ("guests=-1", "guests", Problem::NoNumber(1..=50)),
        (
            "bedrooms=99999999999999999999",
            "bedrooms",
            Problem::NoNumber(0..=30),
        ),
        ("min=1.5", "min", Problem::NoNumber(PRICE)),
        ("min=20&max=10", "max", Problem::Order),
        ("kind=castle", "kind", Problem::NoChoice),
        ("amenity=wifi'", "amenity", Problem::NoChoice),
        ("sort=random", "sort", Problem::NoChoice),
        ("from=2027-07-03", "to", Problem::NoOther),
        ("to=2027-07-03", "from", Problem::NoOther),
        ("from=2027-07-03&to=2027-07-03", "to", Problem::Backwards),
        ("from=2027-07-03&to=3+July", "to", Problem::NoDay),
        ("from=2027-02-30&to=2027-03-01", "from", Problem::NoDay),
        ("from=2027-07-03&to=9999-12-31", "to", Problem::NoDay),
        (&long, "q", Problem::TooLong(200)),
        ("q=a%00b", "q", Problem::Signs),
    ] {
        let search = read(&format!("{query}&place=Orange"));
        let wrong: Vec<_> = search
            .wrong
            .iter()
            .map(|one| (one.filter.name, &one.problem))
            .collect();
        assert_eq!(wrong, [(name, &problem)], "{query}");
        assert_eq!(search.text(PLACE), Some("Orange"), "{query}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(query in "[ -~]{0,60}") {
        let search = read(&query);
        let again = search.path("", 1);
        let again = read(again.trim_start_matches('?'));
        prop_assert_eq!(again.given, search.given);
    }
}
