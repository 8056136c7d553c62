//! The older text form of metrics, 0.0.4, made from `OpenMetrics`
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
//!
//! The samples are the same. Their descriptions differ: they have the full name of the samples,
//! there is no type `info`, and neither units nor an end mark.

/// The text in the older form.
pub(super) fn from_open_metrics(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // The help stands before the type, which decides its name.
    let mut help = None;
    for line in text.lines() {
        if let Some(told) = line.strip_prefix("# HELP ") {
            help = told.split_once(' ').map(|(_, words)| words);
        } else if let Some(told) = line.strip_prefix("# TYPE ") {
            let (name, kind) = told.split_once(' ').unwrap_or((told, "unknown"));
            let (ending, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                kind => ("", kind),
            };
            if let Some(words) = help.take() {
                plain += &format!("# HELP {name}{ending} {words}\n");
            }
            plain += &format!("# TYPE {name}{ending} {kind}\n");
        } else if !line.starts_with('#') {
            plain += line;
            plain.push('\n');
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_bear_the_names_of_their_samples() {
        let open = "# HELP logins Logins.\n# TYPE logins counter\nlogins_total{a=\"b\"} 1\n\
                    # TYPE build info\nbuild_info{v=\"1\"} 1\n\
                    # HELP time_seconds Time.\n# TYPE time_seconds histogram\n# UNIT time_seconds seconds\n\
                    time_seconds_sum 1.5\n# TYPE odd unknown\nodd 1\n# EOF\n";
        let expected = "# HELP logins_total Logins.\n# TYPE logins_total counter\nlogins_total{a=\"b\"} 1\n\
                        # TYPE build_info gauge\nbuild_info{v=\"1\"} 1\n\
                        # HELP time_seconds Time.\n# TYPE time_seconds histogram\n\
                        time_seconds_sum 1.5\n# TYPE odd untyped\nodd 1\n";
        assert_eq!(from_open_metrics(open), expected);
    }
}
