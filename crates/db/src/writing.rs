//! Which statements write.

/// Whether a statement may write. Everything but a SELECT counts as writing, also behind a WITH that has no word
/// for anything else: a wrong yes only empties caches once more than necessary.
pub(crate) fn may_write(sql: &str) -> bool {
    let sql = sql.trim_start();
    let starts_with = |word: &[u8]| {
        let start = sql.as_bytes().get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if starts_with(b"WITH") {
        let sql = sql.to_ascii_uppercase();
        return ["INSERT", "UPDATE", "DELETE", "MERGE"]
            .iter()
            .any(|word| sql.contains(word));
    }
    !starts_with(b"SELECT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reads_is_told_from_what_may_write() {
        for (sql, expected) in [
            (" select 1", false),
            ("WITH a AS (SELECT 1) SELECT * FROM a", false),
            (
                "with a as (delete from b returning c) select * from a",
                true,
            ),
            ("UPDATE a SET b = 1", true),
            ("VACUUM", true),
            ("", true),
        ] {
            assert_eq!(may_write(sql), expected, "{sql}");
        }
    }
}
