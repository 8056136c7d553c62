//! Why a text is not a database address.

/// Why a text is not a database address. Repeats nothing of the text that may belong to a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The scheme is none of SQLite's or PostgreSQL's.
    #[error(
        "must begin with `sqlite:///` (a path follows; four slashes for an absolute one), \
         `postgres://` or `postgresql://`"
    )]
    Scheme,
    /// `sqlite://` with a host, without a path, in memory, or with a query.
    #[error(
        "must name a file after `sqlite:///`: no host, no `:memory:`, no `?` options, no trailing `/`"
    )]
    SqlitePath,
    /// What follows `postgres://` cannot be taken apart.
    #[error(
        "is not a PostgreSQL address of the form `postgres://user:password@host:port/database`: {0}"
    )]
    Form(&'static str),
    /// libpq has no such parameter.
    #[error("has the parameter `{0}`, which PostgreSQL's addresses do not have")]
    UnknownParameter(String),
    /// A parameter has a value that it cannot have.
    #[error("has a wrong value of `{parameter}`: {expected}")]
    Value {
        /// The parameter, or the variable that it comes from.
        parameter: String,
        /// What it may be.
        expected: &'static str,
    },
    /// libpq supports the parameter's value, the driver does not.
    #[error("asks by `{parameter}` for what `psql` can and this program cannot do: {reason}")]
    Unsupported {
        /// The parameter, or the variable that it comes from.
        parameter: String,
        /// Why not, and what to do.
        reason: &'static str,
    },
}

impl AddressError {
    /// Names the variable in place of the parameter, for a value that the environment gave.
    pub(super) fn of_variable(self, variable: &str) -> Self {
        let parameter = variable.to_owned();
        match self {
            Self::Unsupported { reason, .. } => Self::Unsupported { parameter, reason },
            Self::Value { expected, .. } => Self::Value {
                parameter,
                expected,
            },
            other => other,
        }
    }
}
