//! The tables of this domain and the services over them.

mod account;
mod account_plans;
mod plans;
mod terms;
mod version;

pub use account_plans::SeaAccountPlans;
pub use plans::SeaPlans;
