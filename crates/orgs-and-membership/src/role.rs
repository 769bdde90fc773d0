bursar_kernel::text_enum! {
    /// What a member is in an organization; each role may do all that the ones before it may.
    pub enum Role {
        /// Uses it.
        Member = "member",
        /// Runs it.
        Admin = "admin",
        /// Owns it and pays.
        Owner = "owner",
    }
}

bursar_kernel::text_enum! {
    /// Something that a role may or may not do in its organization.
    pub enum Permission {
        /// Read the organization and its balance, act on its account, see one's own usage.
        Use = "use",
        /// View and invite members, edit roles, remove members.
        ManageMembers = "manage_members",
        /// See everybody's usage and the organization's metrics.
        ViewAllUsage = "view_all_usage",
        /// Edit the role of an admin or an owner, or remove one.
        ManageAdmins = "manage_admins",
        /// See, make, change and end the keys that are the organization's own.
        ManageKeys = "manage_keys",
        /// The configuration that members' clients receive.
        ConfigureRemoteSettings = "configure_remote_settings",
        /// The name and every other setting.
        ConfigureOrganization = "configure_organization",
        /// Payments, credits, the plan and its seats.
        ManageBilling = "manage_billing",
        /// Make somebody else an owner, or delete the organization.
        TransferOrDelete = "transfer_or_delete",
    }
}

/// Whether a role may do something: the whole table.
#[must_use]
pub fn allows(role: Role, permission: Permission) -> bool {
    let least = match permission {
        Permission::Use => Role::Member,
        Permission::ManageMembers
        | Permission::ViewAllUsage
        | Permission::ManageKeys
        | Permission::ConfigureRemoteSettings => Role::Admin,
        Permission::ManageAdmins
        | Permission::ConfigureOrganization
        | Permission::ManageBilling
        | Permission::TransferOrDelete => Role::Owner,
    };
    role >= least
}

/// The roles that a member of this role may give to others.
#[must_use]
pub fn assignable(by: Role) -> &'static [Role] {
    match by {
        Role::Owner => &[Role::Member, Role::Admin, Role::Owner],
        Role::Admin => &[Role::Member],
        Role::Member => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_contract_grants_and_nothing_else() {
        let contract = [
            (Permission::Use, [true, true, true]),
            (Permission::ManageMembers, [false, true, true]),
            (Permission::ViewAllUsage, [false, true, true]),
            (Permission::ManageAdmins, [false, false, true]),
            (Permission::ManageKeys, [false, true, true]),
            (Permission::ConfigureRemoteSettings, [false, true, true]),
            (Permission::ConfigureOrganization, [false, false, true]),
            (Permission::ManageBilling, [false, false, true]),
            (Permission::TransferOrDelete, [false, false, true]),
        ];
        assert_eq!(contract.map(|(permission, _)| permission), Permission::ALL, "a row for every permission");
        for (permission, row) in contract {
            let granted = [Role::Member, Role::Admin, Role::Owner].map(|role| allows(role, permission));
            assert_eq!(granted, row, "{permission}");
        }
    }

    #[test]
    fn nobody_gives_a_role_that_they_could_not_take_away() {
        for by in Role::ALL.iter().copied() {
            for role in Role::ALL.iter().copied() {
                let may = match role {
                    Role::Member => allows(by, Permission::ManageMembers),
                    Role::Admin => allows(by, Permission::ManageAdmins),
                    Role::Owner => allows(by, Permission::TransferOrDelete),
                };
                assert_eq!(assignable(by).contains(&role), may, "{by} gives {role}");
            }
        }
    }

    #[test]
    fn roles_are_ordered_by_what_they_may_do() {
        assert!(Role::Member < Role::Admin && Role::Admin < Role::Owner);
    }
}
