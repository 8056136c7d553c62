//! Lists: columns, order, search, filters, pages, files.

use http_body_util::BodyExt as _;

use crate::support::on_both_databases;
use crate::support::visitor::{Answer, Visitor};

const LIST: &str = "/admin/library/book/";

/// The cells of all rows, row by row.
fn rows(page: &Answer) -> Vec<Vec<String>> {
    let cells = page.texts("table.list tbody tr :is(th, td:not(.check))");
    let width = page.texts("table.list thead th:not(.check)").len();
    cells.chunks(width).map(<[String]>::to_vec).collect()
}

/// The titles in a list, each by its first word.
async fn titles(visitor: &mut Visitor<'_>, query: &str) -> Vec<String> {
    let page = visitor.get(&format!("{LIST}?{query}")).await.expect(200);
    let titles = page.texts("table.list tbody th");
    titles
        .iter()
        .map(|title| title.split(' ').next().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn leads_to_all(answer: &Answer) {
    assert_eq!(answer.location(), "/admin/library/book/?e=1");
}

on_both_databases! {
    async fn columns_are_joined(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get(LIST).await.expect(200);
        assert_eq!(
            page.texts("table.list thead a"),
            ["Book", "author", "country", "pages", "lent"]
        );
        assert_eq!(
            rows(&page),
            [
                ["Cosmicomics by Calvino", "Calvino", "IT", "153", "✓ admin-yes"],
                ["Ficciones by Borges", "Borges", "AR", "174", "✗ admin-no"],
                ["Palomar by Calvino", "Calvino", "IT", "130", "✗ admin-no"],
                ["Solaris by Lem", "Lem", "PL", "204", "✗ admin-no"],
            ]
        );
        assert_eq!(page.texts("nav.pager span"), ["admin-count(count=4, model=books)"]);
        assert_eq!(
            page.attributes("table.list tbody a", "href")[0],
            "/admin/library/book/2/change/"
        );
        assert_eq!(page.attributes("tbody input", "aria-label")[0], "Cosmicomics by Calvino");
    }

    async fn a_site_adds_pictures_and_columns(library: Library) {
        let mut ann = library.superuser().await;
        library
            .sql(
                "INSERT INTO library_poster (title, kind, width, note) VALUES \
                 ('Alps', 'map', 60, ''), ('Bay', 'print', NULL, ''), ('Coast', 'map', 80, '')",
            )
            .await;
        let list = "/admin/library/poster/";
        let page = ann.get(list).await.expect(200);
        assert_eq!(page.texts("table.list thead th:not(.check)"), ["Poster", "kind", "width", "wall", "frame"]);
        assert_eq!(page.texts("table.list thead a"), ["Poster", "kind", "width"]);
        let cells = page.texts("table.list tbody tr :is(th, td:not(.check))");
        assert_eq!(
            cells,
            [
                "Alps", "kind-map", "60", "1 of 3", "oak",
                "Bay", "kind-print", "", "2 of 3", "oak",
                "Coast", "kind-map", "80",
            ]
        );
        assert_eq!(page.attributes("tbody td:not(.check)", "data-label")[..3], ["kind", "width", "kind"]);
        for (name, value) in [("src", "/walls/1.jpg"), ("alt", "A \"wall\""), ("loading", "lazy"), ("width", "48")] {
            assert_eq!(page.attributes("tbody img", name), [value]);
        }
        // Those of the page alone are asked for.
        let found = ann.get(&format!("{list}?q=bay")).await.expect(200);
        assert_eq!(found.texts("table.list tbody td:not(.check)"), ["kind-print", "", "2 of 1", "oak"]);
        let none = ann.get(&format!("{list}?q=none")).await.expect(200);
        assert_eq!(none.texts("main .lead"), ["admin-none"]);
        let file = ann.get(&format!("{list}?_export=csv")).await.expect(200);
        assert!(!file.body.contains("wall"), "{}", file.body);
    }

    async fn a_list_is_sorted_by_columns(library: Library) {
        let mut ann = library.superuser().await;
        for (order, expected) in [
            ("o=4", ["Palomar", "Cosmicomics", "Ficciones", "Solaris"]),
            ("o=-4", ["Solaris", "Ficciones", "Cosmicomics", "Palomar"]),
            // Of the same country by pages.
            ("o=3.4", ["Ficciones", "Palomar", "Cosmicomics", "Solaris"]),
            ("o=-3.-4", ["Solaris", "Cosmicomics", "Palomar", "Ficciones"]),
            ("o=-1", ["Solaris", "Palomar", "Ficciones", "Cosmicomics"]),
            // What an author is called, not his key.
            ("o=-2.4", ["Solaris", "Palomar", "Cosmicomics", "Ficciones"]),
            // What is no column is passed over; the latest of equals first.
            ("o=9.x.0.-5", ["Cosmicomics", "Palomar", "Solaris", "Ficciones"]),
        ] {
            assert_eq!(titles(&mut ann, order).await, expected, "{order}");
        }
        let page = ann.get("/admin/library/book/?o=3.-4&q=a").await.expect(200);
        assert_eq!(page.attributes("thead th", "aria-sort"), ["ascending", "descending"]);
        assert_eq!(page.texts("thead small"), ["1", "2"]);
        let links = page.attributes("thead th > a:not(.out)", "href");
        assert_eq!(links[1..4], ["?q=a&o=2.3.-4", "?q=a&o=-3.-4", "?q=a&o=4.3"]);
        assert_eq!(page.attributes("a.out", "href"), ["?q=a&o=-4", "?q=a&o=3"]);
    }

    async fn ten_words_of_a_search_count(library: Library) {
        let mut ann = library.superuser().await;
        let ten = "s+o+l+a+r+i+so+ol+la+ar";
        let page = ann.get(&format!("{LIST}?q={ten}+s+o")).await.expect(200);
        assert_eq!(page.texts("header p"), [""; 0]);
        let page = ann.get(&format!("{LIST}?q={ten}+nothing")).await.expect(200);
        assert_eq!(page.texts("header p"), ["admin-search-long"]);
        assert_eq!(rows(&page).len(), 1);
        let many: Vec<_> = (0..500).map(|number| number.to_string()).collect();
        let page = ann.get(&format!("{LIST}?q={}", many.join("+"))).await.expect(200);
        assert_eq!(page.texts("header p"), ["admin-search-long"]);
        let nothing = ann.get(&format!("{LIST}?q=nothing+{ten}")).await.expect(200);
        assert_eq!(nothing.texts("main .lead"), ["admin-none"]);
    }

    async fn every_word_is_searched(library: Library) {
        let mut ann = library.superuser().await;
        for (words, expected) in [
            ("SOLARIS", &["Solaris"][..]),
            ("calvino", &["Cosmicomics", "Palomar"]),
            ("calvino+pal", &["Palomar"]),
            ("%22s+by%22", &[]),
            // At the start, and the whole.
            ("222", &["Cosmicomics"]),
            ("22-2", &[]),
            ("174", &["Ficciones"]),
            ("0174", &["Ficciones"]),
            ("174.0", &[]),
            ("17", &[]),
            // What stands for anything in LIKE stands for itself here.
            ("%25", &[]),
            ("_olaris", &[]),
            ("%5C", &[]),
            ("%00", &["Cosmicomics", "Ficciones", "Palomar", "Solaris"]),
        ] {
            assert_eq!(titles(&mut ann, &format!("q={words}")).await, expected, "{words}");
        }
        let page = ann.get("/admin/library/book/?q=nothing&is_lent__exact=1").await.expect(200);
        assert_eq!(page.texts("main .lead"), ["admin-none"]);
        assert_eq!(page.attributes("input#q", "value"), ["nothing"]);
        assert_eq!(page.attributes(".narrow > a", "href"), ["?"]);
    }

    async fn a_list_is_narrowed_down(library: Library) {
        let mut ann = library.superuser().await;
        for (filter, expected) in [
            ("author__id__exact=2", &["Cosmicomics", "Palomar"][..]),
            ("author__id__exact=9", &[]),
            ("tags__id__exact=2", &["Cosmicomics", "Solaris"]),
            ("tags__id__exact=3&author__id__exact=1", &["Ficciones"]),
            ("is_lent__exact=1", &["Cosmicomics"]),
            ("is_lent__exact=False", &["Ficciones", "Palomar", "Solaris"]),
            ("author__country__exact=PL", &["Solaris"]),
            ("author__country__exact=pl", &[]),
            ("author__country__exact=IT&q=pal", &["Palomar"]),
            // Nothing is chosen.
            ("author__country__exact=", &["Cosmicomics", "Ficciones", "Palomar", "Solaris"]),
        ] {
            assert_eq!(titles(&mut ann, filter).await, expected, "{filter}");
        }
    }

    async fn what_cannot_be_meant_leads_to_the_whole_list(library: Library) {
        let mut ann = library.superuser().await;
        for query in [
            "author__id__exact=x", "tags__id__exact=-1", "tags__id__exact=a",
            "is_lent__exact=2", "pages__exact=1", "isbn=111-1",
            "author__name__exact=Lem", "returned__within=2", "added__year=x", "added__year=0",
            "added__month=2", "added__year=2024&added__day=1", "added__year=2024&added__month=13",
            "added__year=2023&added__month=2&added__day=29", "added__year=99999", "added__year=-1",
            "p=0", "p=x", "p=99999999999999999999",
        ] {
            leads_to_all(&ann.get(&format!("{LIST}?{query}")).await);
        }
        // Of a parameter only what can be seen counts: of this one nothing is left.
        let page = ann.get(&format!("{LIST}?author__country__exact=%00")).await.expect(200);
        assert_eq!(rows(&page).len(), 4);
        let answer = ann.get("/admin/library/book/?p=x&_draft=7").await;
        assert_eq!(answer.location(), "/admin/library/book/?e=1&_draft=7");
        let page = ann.get("/admin/library/book/?e=1").await.expect(200);
        assert_eq!(page.texts("header p"), ["admin-list-error"]);
        assert_eq!(rows(&page).len(), 4);
    }

    async fn filters_show_what_can_be_chosen(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get("/admin/library/book/?is_lent__exact=0").await.expect(200);
        assert_eq!(page.texts(".narrow label"), ["author", "tags", "lent", "country", "returned"]);
        assert_eq!(
            page.texts(".narrow option"),
            [
                "admin-all", "Borges", "Calvino", "Lem",
                "admin-all", "fantasy", "short", "space",
                "admin-all", "admin-yes", "admin-no",
                "admin-all", "AR", "IT", "PL",
                "admin-all", "admin-within-today", "admin-within-week", "admin-within-month",
                "admin-within-year", "admin-within-none", "admin-within-any",
            ]
        );
        assert_eq!(page.texts(".narrow option[selected]"), ["admin-no"]);
        // What is chosen is shown, even if nothing has it.
        let page = ann.get("/admin/library/book/?is_lent__exact=True&author__country__exact=XX").await;
        assert_eq!(page.texts(".narrow option[selected]"), ["admin-yes", "XX"]);
        let page = ann.get("/admin/library/book/?author__country__exact=XX&_facets=True").await;
        assert_eq!(page.texts("[name=author__country__exact] option")[1..], ["AR (1)", "IT (2)", "PL (1)", "XX (0)"]);
        assert_eq!(page.texts("[name=tags__id__exact] option")[1..], ["fantasy (0)", "short (0)", "space (0)"]);
        let page = ann.get("/admin/library/book/?author__id__exact=1&_facets=True").await;
        assert_eq!(page.texts("[name=author__country__exact] option")[1..], ["AR (1)", "IT (0)", "PL (0)"]);
        // With what each would leave beside the other filters.
        let page = ann.get("/admin/library/book/?is_lent__exact=0&_facets=True").await;
        assert_eq!(
            page.texts(".narrow option:not([value=''])"),
            [
                "Borges (1)", "Calvino (1)", "Lem (1)",
                "fantasy (1)", "short (1)", "space (1)",
                "admin-yes (1)", "admin-no (3)",
                "AR (1)", "IT (1)", "PL (1)",
                "admin-within-today (0)", "admin-within-week (0)", "admin-within-month (0)",
                "admin-within-year (0)", "admin-within-none (2)", "admin-within-any (1)",
            ]
        );
    }

    async fn a_list_is_narrowed_down_to_a_span(library: Library) {
        let mut ann = library.superuser().await;
        let all = ["Cosmicomics", "Ficciones", "Palomar", "Solaris"];
        for (choice, expected) in [
            ("none", &["Cosmicomics", "Ficciones", "Palomar"][..]),
            ("any", &["Solaris"]),
            ("today", &[]),
            ("year", &[]),
            ("", &all),
        ] {
            assert_eq!(titles(&mut ann, &format!("returned__within={choice}")).await, expected, "{choice}");
        }
        library.sql("UPDATE library_book SET returned = CURRENT_TIMESTAMP WHERE id = 1").await;
        assert_eq!(titles(&mut ann, "returned__within=week").await, ["Ficciones"]);
        let page = ann.get(&format!("{LIST}?returned__within=week&_facets=True")).await;
        assert!(page.texts(".narrow option").contains(&"admin-within-any (2)".to_owned()));
        assert_eq!(page.texts(".narrow option[selected]"), ["admin-within-week (1)"]);
    }

    async fn a_list_goes_down_from_years_to_days(library: Library) {
        let mut ann = library.superuser().await;
        library.sql("UPDATE library_book SET added = '2023-12-31 23:59:59.999999' WHERE id = 3").await;
        library.sql("UPDATE library_book SET added = '2024-01-01 00:00:00' WHERE id = 4").await;
        for (place, above, below, expected) in [
            ("", &["admin-dates-all"][..], &["2023", "2024"][..], 4),
            ("added__year=2024", &["admin-dates-all", "2024"], &["2024-01", "2024-02"], 3),
            // One year has one month, which has one day.
            ("added__year=2023", &["admin-dates-all", "2023"], &["2023-12-31"], 1),
            (
                "added__year=2024&added__month=1",
                &["admin-dates-all", "2024", "2024-01"],
                &["2024-01-01", "2024-01-02"],
                2,
            ),
            (
                "added__year=2024&added__month=1&added__day=2",
                &["admin-dates-all", "2024", "2024-01", "2024-01-02"],
                &[],
                1,
            ),
            ("added__year=1999", &["admin-dates-all", "1999"], &[], 0),
            ("q=lem", &["admin-dates-all"], &["2023-12-31"], 1),
        ] {
            let page = ann.get(&format!("{LIST}?{place}")).await.expect(200);
            assert_eq!(page.texts(".dates :is(a:not(.button), strong)"), above, "{place}");
            assert_eq!(page.texts(".dates a.button"), below, "{place}");
            assert_eq!(page.texts("tbody tr").len(), expected, "{place}");
        }
        let place = "added__year=2024&added__month=1";
        let page = ann.get(&format!("{LIST}?q=o&o=4&p=1&{place}")).await.expect(200);
        assert_eq!(
            page.attributes(".dates a", "href"),
            [
                "?q=o&o=4",
                "?q=o&added__year=2024&o=4",
                "?q=o&added__year=2024&added__month=1&added__day=1&o=4",
                "?q=o&added__year=2024&added__month=1&added__day=2&o=4",
            ]
        );
        // A search stays where the list is.
        let kept = page.attributes(".narrow [type=hidden]", "name");
        assert_eq!(kept, ["o", "added__year", "added__month"]);
        assert_eq!(page.attributes(".narrow > a", "href"), ["?o=4"]);
    }

    async fn a_long_list_has_pages(library: Library) {
        let mut ann = library.superuser().await;
        for number in 0..146 {
            library.sql(&format!("INSERT INTO library_tag (word) VALUES ('w{number:03}')")).await;
        }
        let list = "/admin/library/tag/";
        let page = ann.get(list).await.expect(200);
        let words = page.texts("tbody th");
        assert_eq!((words.len(), words[0].as_str(), words[99].as_str()), (100, "w145", "w046"));
        assert_eq!(page.texts("nav.pager [aria-current]"), ["1"]);
        assert_eq!(page.attributes("nav.pager a", "href"), ["?p=2", "?all="]);
        let page = ann.get(&format!("{list}?p=2")).await.expect(200);
        let words = page.texts("tbody th");
        assert_eq!((words.len(), words[0].as_str(), words[48].as_str()), (49, "w045", "fantasy"));
        assert_eq!(ann.get(&format!("{list}?all=")).await.texts("tbody th").len(), 149);
        let past = ann.get(&format!("{list}?p=3")).await;
        assert_eq!(past.location(), "/admin/library/tag/?p=2");
        let past = ann.get(&format!("{list}?all=&p=2&_draft=7")).await;
        assert_eq!(past.location(), "/admin/library/tag/?all=&_draft=7");
        let past = ann.get("/admin/library/book/?q=nothing&p=18446744073709551615").await;
        assert_eq!(past.location(), "/admin/library/book/?q=nothing");
    }

    async fn a_list_is_a_file(library: Library) {
        let mut ann = library.superuser().await;
        library.sql("UPDATE library_book SET title = '=1,2' WHERE id = 4").await;
        let file = ann.get("/admin/library/book/?o=4&author__id__exact=2&_export=csv").await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"book.csv\"");
        assert_eq!(
            file.expect(200).body,
            "id,label,author,author_country,pages,is_lent\r\n\
             4,\"'=1,2 by Calvino\",Calvino,IT,130,false\r\n\
             2,Cosmicomics by Calvino,Calvino,IT,153,true\r\n"
        );
        let file = ann.get("/admin/library/book/?q=lem&_export=json").await.expect(200);
        let found: serde_json::Value = serde_json::from_str(&file.body).unwrap();
        assert_eq!(
            found,
            serde_json::json!([{
                "id": 3, "label": "Solaris by Lem", "author": "Lem", "author_country": "PL",
                "pages": 204, "is_lent": false,
            }])
        );
        let file = ann.get("/admin/library/book/?q=nothing&_export=json").await.expect(200);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&file.body).unwrap(), serde_json::json!([]));
        ann.get("/admin/library/book/?_export=xml").await.expect(404);
    }

    async fn a_file_has_what_was_there_and_still_is(library: Library) {
        let mut ann = library.superuser().await;
        let rows: Vec<_> = (0..1200).map(|number| format!("('w{number:04}')")).collect();
        library.sql(&format!("INSERT INTO library_tag (word) VALUES {}", rows.join(", "))).await;
        let mut body = ann.open("/admin/library/tag/?_export=json").await;
        let mut file = Vec::new();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        file.extend_from_slice(&first);
        // What comes and goes meanwhile moves no other.
        library.sql("DELETE FROM library_tag WHERE word > 'w1150' OR word = 'w0002'").await;
        library.sql("INSERT INTO library_tag (word) VALUES ('w0100b')").await;
        file.extend_from_slice(&body.collect().await.unwrap().to_bytes());
        let found: Vec<serde_json::Value> = serde_json::from_slice(&file).unwrap();
        let words = found.iter().map(|tag| tag["label"].as_str().unwrap().to_owned());
        let mut expected: Vec<_> = (0..1200).rev().filter(|n| *n != 2).map(|n| format!("w{n:04}")).collect();
        expected.extend(["space", "short", "fantasy"].map(str::to_owned));
        assert_eq!(words.collect::<Vec<_>>(), expected);
    }

    async fn choices_are_found_by_a_script(library: Library) {
        let mut bob = library.staff(&["view_author"]).await;
        let address = "/admin/autocomplete/?app_label=library&model_name=book&field_name=";
        let found = bob.get(&format!("{address}author&term=L")).await.expect(200);
        let found: serde_json::Value = serde_json::from_str(&found.body).unwrap();
        assert_eq!(
            found,
            serde_json::json!({
                "results": [{"id": "2", "text": "Calvino"}, {"id": "3", "text": "Lem"}],
                "pagination": {"more": false},
            })
        );
        for field in ["tags", "title", "nothing"] {
            // Tags cannot be searched; the others lead nowhere.
            let status = bob.get(&format!("{address}{field}")).await.status;
            assert_eq!(status, if field == "tags" { 404 } else { 403 }, "{field}");
        }
    }
}
