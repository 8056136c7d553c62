//! The links to the pages of a list.

use super::list_query::ListQuery;

/// How many pages are linked on each side of the one that is shown, and how many at each end
/// (`Django 5.2 core/paginator.py`, `get_elided_page_range`).
const ON_EACH_SIDE: u64 = 3;
const ON_ENDS: u64 = 2;

#[derive(Debug)]
pub(crate) struct PageLink {
    /// 0 for a gap.
    pub(crate) number: u64,
    /// `None` for the page that is shown, and for a gap.
    pub(crate) link: Option<String>,
}

/// Links to the first and last pages, and to those beside the one that is shown. As in Django, a
/// gap stands for at least two pages.
pub(crate) fn page_links(query: &ListQuery, count: u64, size: u64) -> Vec<PageLink> {
    let last = count.div_ceil(size).max(1);
    if last == 1 {
        return Vec::new();
    }
    let link = |number: u64| PageLink {
        number,
        link: (number != query.page).then(|| {
            let query = ListQuery {
                page: number,
                ..query.clone()
            };
            query.link()
        }),
    };
    let gap = || PageLink {
        number: 0,
        link: None,
    };
    let is_short = last <= (ON_EACH_SIDE + ON_ENDS) * 2;
    let has_gap_before = !is_short && query.page > ON_EACH_SIDE + ON_ENDS + 2;
    let has_gap_behind = !is_short && query.page + ON_EACH_SIDE + ON_ENDS + 1 < last;
    let mut links = Vec::new();
    if has_gap_before {
        links.extend((1..=ON_ENDS).map(link));
        links.push(gap());
        links.extend((query.page - ON_EACH_SIDE..=query.page).map(link));
    } else {
        links.extend((1..=query.page).map(link));
    }
    if has_gap_behind {
        links.extend((query.page + 1..=query.page + ON_EACH_SIDE).map(link));
        links.push(gap());
        links.extend((last - ON_ENDS + 1..=last).map(link));
    } else {
        links.extend((query.page + 1..=last).map(link));
    }
    links
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(page: u64) -> ListQuery {
        ListQuery {
            search: "a b".to_owned(),
            order: Vec::new(),
            page,
            all: false,
            facets: false,
            filters: Vec::new(),
            draft: None,
        }
    }

    #[track_caller]
    fn check(page: u64, last: u64, expected: &str) {
        let links = page_links(&query(page), last * 100, 100);
        let shown = links.iter().map(|link| match (link.number, &link.link) {
            (0, None) => "…".to_owned(),
            (number, None) => format!("[{number}]"),
            (number, Some(_)) => number.to_string(),
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn pages_far_away_are_a_gap() {
        check(1, 0, "");
        check(1, 1, "");
        check(2, 2, "1 [2]");
        check(5, 10, "1 2 3 4 [5] 6 7 8 9 10");
        check(1, 11, "[1] 2 3 4 … 10 11");
        check(4, 11, "1 2 3 [4] 5 6 7 … 10 11");
        check(5, 11, "1 2 3 4 [5] 6 7 8 9 10 11");
        check(7, 11, "1 2 3 4 5 6 [7] 8 9 10 11");
        check(8, 11, "1 2 … 5 6 7 [8] 9 10 11");
        check(10, 20, "1 2 … 7 8 9 [10] 11 12 13 … 19 20");
        check(20, 20, "1 2 … 17 18 19 [20]");
    }

    #[test]
    fn a_begun_page_counts_and_a_link_keeps_the_search() {
        let links = page_links(&query(1), 101, 100);
        let links: Vec<_> = links.iter().map(|link| link.link.as_deref()).collect();
        assert_eq!(links, [None, Some("?q=a+b&p=2")]);
    }

    proptest! {
        #[test]
        fn pages_are_in_order_and_only_this_one_leads_nowhere(page in 1..500_u64, more in 0..500_u64) {
            let last = page + more;
            let links = page_links(&query(page), last, 1);
            let pages: Vec<_> = links.iter().filter(|link| link.number > 0).collect();
            prop_assert!(pages.windows(2).all(|two| two[0].number < two[1].number));
            let here: Vec<_> = pages.iter().filter(|one| one.link.is_none()).collect();
            prop_assert!(last == 1 || here.len() == 1 && here[0].number == page);
            prop_assert!(pages.len() <= 13);
        }
    }
}
