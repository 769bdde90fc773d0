//! What was used: rows and meters.

mod meter;
mod usages;

pub use meter::{QueryMeter, query_meter};
pub use usages::{
    OrganizationUsageFilter, UsageOfMember, list_member_usages, list_organization_usages, list_usages,
};
