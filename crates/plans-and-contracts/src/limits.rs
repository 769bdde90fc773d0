use std::fmt;

/// The most of something that a plan allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// As much as one likes.
    Unlimited,
    /// So much and no more.
    AtMost(u64),
}

/// The number, or `unlimited`.
impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => formatter.write_str("unlimited"),
            Self::AtMost(most) => most.fmt(formatter),
        }
    }
}

/// The most people that a plan allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberLimit {
    /// As many as one likes.
    Unlimited,
    /// So many and no more.
    AtMost(u64),
    /// As many as seats were bought.
    Seats,
}

/// What a plan allows an organization. Each is a level, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Agents.
    pub agents: Limit,
    /// People, those who are invited included.
    pub members: MemberLimit,
    /// Workspaces.
    pub workspaces: Limit,
    /// Rows in any one workspace.
    pub rows_per_workspace: Limit,
    /// Calls of the API in a calendar month.
    pub api_calls: Limit,
    /// Webhooks delivered in a calendar month.
    pub webhook_deliveries: Limit,
    /// Messages in a calendar month.
    pub messages: Limit,
    /// Log lines in a calendar month.
    pub logs_per_month: Limit,
    /// Days that a log line is kept.
    pub log_retention_days: Limit,
}
