//! Plans as versioned data, and which account is on which.
//!
//! What it owns: the catalogue ([`Catalogue`]: read from a file, checked whole), the versions of its
//! plans that were ever sold ([`Plans`]: one that somebody bought stays as it was, whatever becomes
//! of the catalogue), the plan of each account ([`AccountPlans`]: free until another is set), and
//! how many people it has room for ([`AccountPlan::seats_in_all`], [`check_room`]).
//!
//! What it refuses to know: who pays and how, what was used, who is a member of what, HTTP.
//!
//! To embed it: run `PlansMigrator` in your database, read your catalogue, publish it at start-up
//! with [`SeaPlans`], and call that and [`SeaAccountPlans`] with a `Reader` to read and a `Tx` to
//! write. A write takes effect when you commit the `Tx`; nothing here opens or commits one.

mod account_plan;
mod catalogue;
pub mod error;
mod limits;
mod plan;
mod seats;
mod source;
mod store;
mod terms;

pub use account_plan::{AccountPlan, AccountPlans};
pub use catalogue::Catalogue;
pub use limits::{Limit, Limits, MemberLimit};
pub use plan::{Plan, PlanId, Plans};
pub use seats::check_room;
pub use store::{SeaAccountPlans, SeaPlans};
pub use terms::{Interval, PlanKind, PlanTerms};
