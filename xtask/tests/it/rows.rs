//! What the program has to do in the place of WhiteNoise and Django's `collectstatic`, row by
//! row, and the tests that hold it to that. A test that is renamed or removed is missed here.

use crate::tree::{File, Finding, assert_found, assert_none, files};

/// A behaviour of the two, in a few words, and the tests of it. What is done in another way on
/// purpose is told where `DIFFERS` says, and tested as it is.
struct Row {
    id: &'static str,
    what: &'static str,
    tests: &'static [&'static str],
    differs: Option<&'static str>,
}

const SERVE: &str = "crates/staticfiles/src/serve.rs";
const COLLECT: &str = "crates/staticfiles/src/collect.rs";
const README: &str = "crates/staticfiles/README.md";
const COMMAND: &str = "crates/site/src/cli/collectstatic.rs";

const fn same(id: &'static str, what: &'static str, tests: &'static [&'static str]) -> Row {
    Row {
        id,
        what,
        tests,
        differs: None,
    }
}

const fn other(
    id: &'static str,
    what: &'static str,
    differs: &'static str,
    tests: &'static [&'static str],
) -> Row {
    Row {
        id,
        what,
        tests,
        differs: Some(differs),
    }
}

/// HTTP: WhiteNoise 6.12 with Django 5.2 and Gunicorn.
#[rustfmt::skip]
const HTTP: [Row; 21] = [
    same("WN-H1", "what is there at the start is served, hidden and linked files too; nothing later", &[
        "files_that_come_later_are_not_served", "hidden_files_are_files_too",
        "links_are_followed_within_the_root"]),
    same("WN-H2", "compressed forms are not files of their own", &[
        "forms_are_not_served_themselves_but_archives_are"]),
    same("WN-H3", "the smallest accepted form; the file itself without Accept-Encoding or for `*`", &[
        "the_form_is_the_one_the_client_likes_best", "a_form_that_does_not_exist_is_not_sent"]),
    other("WN-H4", "weights do not count", SERVE, &[
        "the_form_is_the_one_the_client_likes_best", "a_client_that_takes_nothing_gets_nothing",
        "every_answer_holds_together"]),
    same("WN-H5", "Vary where there are several forms", &[
        "a_compressed_file_says_so", "a_file_has_exactly_these_headers"]),
    other("WN-H6", "one tag for all forms, of time and length", SERVE, &[
        "each_form_has_a_tag_of_its_own", "the_tag_depends_on_the_content_alone"]),
    other("WN-H7", "Last-Modified is the file's time; none without a time", SERVE, &[
        "a_file_has_exactly_these_headers", "a_file_without_a_time_has_no_last_modified"]),
    other("WN-H8", "304 by the very tag, else by time", SERVE, &[
        "what_the_client_has_is_not_sent_again", "what_the_client_has_not_is_sent",
        "what_the_client_does_not_mean_is_412"]),
    other("WN-H9", "what a 304 carries", SERVE, &[
        "what_the_client_has_is_not_sent_again", "types_and_headers_are_configured"]),
    same("WN-H10", "one range of bytes; everything else is the whole", &[
        "a_part_is_sent_as_such", "what_is_no_part_is_the_whole",
        "a_large_file_is_sent_in_pieces_and_parts"]),
    other("WN-H11", "416 beyond the end, but also for a single byte", SERVE, &[
        "a_part_is_sent_as_such", "bytes_that_are_not_there_are_416"]),
    other("WN-H12", "If-Range does not count; ranges of the compressed form", SERVE, &[
        "a_part_of_something_else_is_the_whole", "a_part_is_sent_as_such"]),
    same("WN-H13", "HEAD is GET without the body", &["head_is_get_without_a_body"]),
    other("WN-H14", "405 for other methods, before the host is looked at", SERVE, &[
        "other_methods_are_refused", "what_is_not_there_is_a_page_that_is_not_kept"]),
    other("WN-H15", "what is no file is the application's 404", SERVE, &[
        "what_is_no_file_is_not_there", "what_is_not_there_is_a_page_that_is_not_kept",
        "nothing_above_the_root_can_be_asked_for"]),
    other("WN-H16", "some of the security headers", SERVE, &[
        "files_carry_the_security_headers_and_each_of_them_once",
        "types_and_headers_are_configured"]),
    other("WN-H17", "hashed names are immutable for ten years", SERVE, &[
        "only_what_the_manifest_hashes_is_immutable",
        "what_is_collected_is_served_hashed_compressed_and_for_ever"]),
    other("WN-H18", "the manifest is served", SERVE, &[
        "what_is_no_file_is_not_there",
        "what_is_collected_is_served_hashed_compressed_and_for_ever"]),
    same("WN-H19", "no query counts, encoded names work, long ones are 404", &[
        "a_query_does_not_count", "names_may_be_encoded", "what_is_no_file_is_not_there"]),
    other("WN-H20", "nothing is compressed when it is asked for, pages neither", SERVE, &[
        "a_long_page_comes_in_the_coding_the_client_likes_best"]),
    other("WN-H21", "the access log tells a length of 0", SERVE, &[
        "the_log_tells_the_true_size_of_what_is_sent"]),
];

/// Compression: WhiteNoise's storages and command.
#[rustfmt::skip]
const COMPRESSION: [Row; 9] = [
    other("WN-C1", "brotli if it is installed, and gzip", README, &[
        "everything_is_in_the_root", "variants_unpack_to_the_content"]),
    other("WN-C2", "kept at 95 percent at most; gzip only where brotli was worth it", README, &[
        "a_variant_is_kept_at_95_percent", "large_content_without_gain_is_seen_at_once",
        "files_that_are_compressed_already_are_known_by_name"]),
    same("WN-C3", "gzip at its best, without time and name", &[
        "gzip_knows_neither_time_nor_name"]),
    same("WN-C4", "forms have the time of their file", &[
        "variants_are_of_the_content_and_files_have_the_time_of_their_source"]),
    same("WN-C5", "several threads; an error in one ends the run", &[
        "a_file_that_changes_after_it_was_planned_is_noticed",
        "a_source_that_cannot_be_read_is_an_error"]),
    other("WN-C6", "a command that compresses any folder", README, &[]),
    other("WN-C7", "a storage that compresses without hashing", README, &[
        "the_second_run_has_nothing_to_do",
        "without_post_processing_files_are_only_copied"]),
    other("WN-C8", "a storage that hashes and compresses; forms count as post-processed", README, &[
        "everything_is_in_the_root", "events_tell_what_happens"]),
    other("WN-C9", "the error about a missing reference; files are left half collected", COLLECT, &[
        "missing_references_are_told_with_file_line_and_address",
        "a_dry_run_does_nothing_and_a_missing_reference_changes_nothing"]),
];

/// The command: Django 5.2's `collectstatic`.
#[rustfmt::skip]
const FLAGS: [Row; 11] = [
    other("--noinput", "asks nothing; without it, asks before a folder with files is written to", COMMAND, &[
        "the_question_is_asked_before_anything_is_overwritten"]),
    other("--clear", "deletes everything first", COLLECT, &[
        "clearing_leaves_the_new_release_alone",
        "clearing_removes_links_and_not_what_they_lead_to",
        "every_part_of_the_summary_and_of_the_report_is_there"]),
    same("--dry-run", "pretends, and post-processes nothing", &[
        "a_dry_run_does_nothing_and_a_missing_reference_changes_nothing",
        "every_part_of_the_summary_and_of_the_report_is_there", "a_plan_changes_nothing"]),
    other("--link", "links in place of copies", README, &[]),
    same("--no-post-process", "copies only", &[
        "without_post_processing_files_are_only_copied",
        "without_post_processing_a_changed_file_loses_its_variants"]),
    same("--ignore", "shell patterns of base name or path", &[
        "patterns_are_for_base_names_and_whole_names",
        "a_dry_run_does_nothing_and_a_missing_reference_changes_nothing"]),
    same("--no-default-ignore", "without it `CVS`, `.*` and `*~` are left out", &[
        "hidden_files_and_backups_are_left_out_unless_asked_for",
        "every_part_of_the_summary_and_of_the_report_is_there"]),
    same("--verbosity", "nothing, the summary, each file, all", &[
        "every_part_of_the_summary_and_of_the_report_is_there",
        "a_second_run_finds_nothing_to_do_and_an_own_file_goes_before_ours"]),
    same("summary", "the last line", &[
        "every_part_of_the_summary_and_of_the_report_is_there", "everything_is_as_django_makes_it"]),
    other("unmodified", "by time", COLLECT, &[
        "the_second_run_has_nothing_to_do",
        "a_second_run_finds_nothing_to_do_and_an_own_file_goes_before_ours"]),
    same("duplicates", "the first found wins", &[
        "the_first_source_wins",
        "a_second_run_finds_nothing_to_do_and_an_own_file_goes_before_ours"]),
];

/// Names and references: Django 5.2's manifest storage.
#[rustfmt::skip]
const REFERENCES: [Row; 10] = [
    same("MF-1", "twelve digits of the MD5 before the last extension", &[
        "names_are_those_that_django_5_2_gave", "everything_is_in_the_root"]),
    same("MF-2", "addresses in style sheets get double quotes, imports `url()`", &[
        "addresses_with_and_without_quotes", "imports", "everything_is_as_django_makes_it"]),
    same("MF-3", "other schemes, hosts, paths and fragments stay", &[
        "addresses_of_others_stay_as_they_are", "an_address_is_seen_from_its_file"]),
    other("MF-4", "query and fragment stay", COLLECT, &[
        "query_and_fragment_stay", "only_the_name_of_the_file_changes"]),
    same("MF-5", "source maps, which have to be there", &["source_maps_have_to_be_there"]),
    other("MF-6", "modules, if asked for, with one import a file", COLLECT, &[
        "modules_are_collected_as_they_are_in_cycles_too"]),
    other("MF-7", "comments are rewritten, too", COLLECT, &[
        "what_is_in_comments_and_strings_may_be_missing", "comments_and_strings_stay"]),
    other("MF-8", "five passes", COLLECT, &[
        "nesting_may_be_deep", "cycles_are_told_with_their_files"]),
    same("MF-9", "the manifest, with its hash", &[
        "the_text_is_that_of_django", "both_versions_are_read",
        "names_are_those_that_django_5_2_gave"]),
    same("MF-10", "plain names in debug, no hash for folders, an error for unknown names", &[
        "addresses_are_plain", "addresses_are_hashed_where_a_hash_is_known"]),
];

#[test]
fn every_row_has_its_tests_or_says_why_it_differs() {
    let files = files();
    for rows in [&HTTP[..], &COMPRESSION, &FLAGS, &REFERENCES] {
        assert_none(rows.iter().flat_map(|row| gaps(row, &files)));
    }
}

#[test]
fn gaps_are_found() {
    let files = [
        File::new("crates/a/tests/it/b.rs", "#[test]\nfn is_there() {}\n"),
        File::new("README.md", "| X-2 | otherwise |\n- **X-3**"),
    ];
    let rows = [
        same("X-1", "", &["is_there"]),
        same("X-1", "", &["is_gone"]),
        same("X-1", "", &["is_the"]),
        same("X-1", "", &[]),
        other("X-2", "", "README.md", &[]),
        other("X-3", "", "README.md", &[]),
        other("X-4", "", "README.md", &[]),
        other("X-", "", "README.md", &[]),
        other("X-2", "", "NOTHING.md", &[]),
    ];
    assert_found(
        rows.iter().flat_map(|row| gaps(row, &files)),
        &[
            "X-1:1: there is no test `is_gone`",
            "X-1:1: there is no test `is_the`",
            "X-1:1: there is no test of it",
            "X-4:1: README.md does not say why it differs",
            "X-:1: README.md does not say why it differs",
            "X-2:1: NOTHING.md does not say why it differs",
        ],
    );
}

fn gaps(row: &Row, files: &[File]) -> Vec<Finding> {
    let place = File::new(row.id, row.what);
    let mut gaps: Vec<_> = row
        .tests
        .iter()
        .filter(|test| !files.iter().any(|file| has_test(file, test)))
        .map(|test| place.finding(1, &format!("there is no test `{test}`")))
        .collect();
    match row.differs {
        None if row.tests.is_empty() => gaps.push(place.finding(1, "there is no test of it")),
        Some(path)
            if !files
                .iter()
                .any(|file| file.path == path && names(file, row.id)) =>
        {
            gaps.push(place.finding(1, &format!("{path} does not say why it differs")));
        }
        _ => {}
    }
    gaps
}

fn has_test(file: &File, test: &str) -> bool {
    let is_test = file.is_source() && file.first_test_line().is_some();
    is_test && file.text.contains(&format!("fn {test}("))
}

/// Whether the row's name is there as a whole word.
fn names(file: &File, id: &str) -> bool {
    file.text.match_indices(id).any(|(start, _)| {
        let rest = &file.text[start + id.len()..];
        !rest.starts_with(|c: char| c.is_alphanumeric())
    })
}
