bursar_kernel::text_enum! {
    /// Everything that a caller can do. Its word stands in the audit trail, in metrics and in
    /// idempotency records, and never changes.
    pub enum Operation {
        /// Make a person.
        SignUp = "sign_up",
        /// Open a session with a password.
        SignIn = "sign_in",
        /// Exchange a refresh token.
        RefreshSession = "refresh_session",
        /// Let a client in by a code.
        GrantCode = "grant_code",
        /// Exchange a code for a session.
        RedeemCode = "redeem_code",
        /// Make a person that an outside issuer vouches for.
        ProvisionPerson = "provision_person",
        /// Make the organization that an outside issuer names.
        ProvisionOrganization = "provision_organization",
        /// Let somebody into it whom the issuer vouches for.
        AdmitMember = "admit_member",
        /// Exchange an outside issuer's token for a session.
        ExchangeExternalToken = "exchange_external_token",
        /// Sign in at a browser with an outside issuer.
        SignInByIssuer = "sign_in_by_issuer",
        /// End one session, or all.
        SignOut = "sign_out",
        /// Sign tokens with a new key.
        RotateSigningKey = "rotate_signing_key",
        /// Read who one is.
        ReadProfile = "read_profile",
        /// Change what one says of oneself.
        UpdateProfile = "update_profile",
        /// Delete oneself.
        DeleteUser = "delete_user",
        /// Read the configuration that one's clients follow.
        ReadOwnRemoteConfig = "read_own_remote_config",
        /// Ask for a link by which a new password can be chosen.
        RequestPasswordReset = "request_password_reset",
        /// Choose a new password by a link.
        ResetPassword = "reset_password",
        /// Choose a new password in place of the present one.
        ChangePassword = "change_password",
        /// Ask for a link that shows that one reads one's address.
        RequestEmailVerification = "request_email_verification",
        /// Show it.
        VerifyEmail = "verify_email",
        /// Ask for a link to another address.
        RequestEmailChange = "request_email_change",
        /// Make that address one's own.
        ChangeEmail = "change_email",
        /// Ask for a link that signs in.
        RequestMagicLink = "request_magic_link",
        /// Sign in by it.
        SignInByLink = "sign_in_by_link",
        /// Read whether one signs in with a second factor.
        ReadSecondFactor = "read_second_factor",
        /// Begin to set one up.
        BeginSecondFactor = "begin_second_factor",
        /// Turn it on.
        ConfirmSecondFactor = "confirm_second_factor",
        /// Make new recovery codes.
        RenewRecoveryCodes = "renew_recovery_codes",
        /// Turn it off.
        RemoveSecondFactor = "remove_second_factor",
        /// List one's sessions.
        ListSessions = "list_sessions",
        /// End one of them.
        EndSession = "end_session",
        /// Prove oneself again in an open session.
        StepUp = "step_up",
        /// Keep a person out, or let it in again.
        SuspendUser = "suspend_user",
        /// Accept the terms of service.
        AcceptTerms = "accept_terms",
        /// Choose the active account.
        SwitchAccount = "switch_account",
        /// Make an organization.
        CreateOrganization = "create_organization",
        /// Read an organization.
        ReadOrganization = "read_organization",
        /// Change an organization's settings.
        UpdateOrganization = "update_organization",
        /// Delete an organization.
        DeleteOrganization = "delete_organization",
        /// Read the provider keys that an organization hands to its members.
        ReadProviderKeys = "read_provider_keys",
        /// Set them.
        SetProviderKeys = "set_provider_keys",
        /// Read what an organization tells its members' clients.
        ReadRemoteConfig = "read_remote_config",
        /// Read what an organization used, day by day.
        ReadMetrics = "read_metrics",
        /// List the members of an organization.
        ListMembers = "list_members",
        /// Ask which roles one may give.
        ListAssignableRoles = "list_assignable_roles",
        /// Give a member another role.
        SetMemberRole = "set_member_role",
        /// Take members out of an organization.
        RemoveMembers = "remove_members",
        /// Read what one member used.
        ReadMemberUsages = "read_member_usages",
        /// List the invites of an organization.
        ListInvites = "list_invites",
        /// Ask people into an organization.
        CreateInvites = "create_invites",
        /// Take an invite back.
        RevokeInvite = "revoke_invite",
        /// Join an organization by an invite.
        AcceptInvite = "accept_invite",
        /// Read who did what in an organization.
        ReadAuditLog = "read_audit_log",
        /// List the plans that can be bought.
        ListPlans = "list_plans",
        /// Publish the catalogue's plans.
        PublishPlans = "publish_plans",
        /// Put an account on a plan by hand.
        SetAccountPlan = "set_account_plan",
        /// Read what is left.
        ReadBalance = "read_balance",
        /// Read what was paid.
        ReadPayments = "read_payments",
        /// Read what was used.
        ReadUsages = "read_usages",
        /// Begin a purchase of credits in the provider's checkout.
        StartCheckout = "start_checkout",
        /// Take what the payment provider says happened.
        ReceiveProviderEvent = "receive_provider_event",
        /// Give a provider's event its effect.
        SettleProviderEvent = "settle_provider_event",
        /// List one's API keys.
        ListApiKeys = "list_api_keys",
        /// Make an API key.
        CreateApiKey = "create_api_key",
        /// Change an API key.
        UpdateApiKey = "update_api_key",
        /// Give an API key another secret.
        RotateApiKey = "rotate_api_key",
        /// End an API key.
        DeleteApiKey = "delete_api_key",
        /// Make a key that is an organization's own.
        CreateOrganizationApiKey = "create_organization_api_key",
        /// Read an organization with the key that comes with it.
        ReadOrganizationKey = "read_organization_key",
        /// Put another key in its place.
        RegenerateOrganizationKey = "regenerate_organization_key",
        /// Take keys over from another system.
        ImportApiKeys = "import_api_keys",
        /// Make a key for a service of the deployment.
        CreateServiceKey = "create_service_key",
        /// End one.
        RevokeServiceKey = "revoke_service_key",
        /// Ask whether a key is good, and for what.
        VerifyApiKey = "verify_api_key",
        /// Report usage.
        IngestEvents = "ingest_events",
        /// Read meters.
        QueryMeter = "query_meter",
    }
}

impl Operation {
    /// Whether it changes anything. What changes something is atomic (`tests/it/atomicity.rs` runs
    /// over this list) and leaves one row in the audit trail.
    #[must_use]
    pub const fn writes(self) -> bool {
        !matches!(
            self,
            Self::ReadProfile
                | Self::ReadOwnRemoteConfig
                | Self::ReadSecondFactor
                | Self::ListSessions
                | Self::ReadOrganization
                | Self::ReadProviderKeys
                | Self::ReadRemoteConfig
                | Self::ReadMetrics
                | Self::ListMembers
                | Self::ListAssignableRoles
                | Self::ReadMemberUsages
                | Self::ListInvites
                | Self::ReadAuditLog
                | Self::ListPlans
                | Self::ReadBalance
                | Self::ReadPayments
                | Self::ReadUsages
                | Self::ListApiKeys
                | Self::ReadOrganizationKey
                | Self::VerifyApiKey
                | Self::QueryMeter
        )
    }
}
