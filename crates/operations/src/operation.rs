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
        /// End one session, or all.
        SignOut = "sign_out",
        /// Sign tokens with a new key.
        RotateSigningKey = "rotate_signing_key",
        /// Read who one is.
        ReadProfile = "read_profile",
        /// Accept the terms of service.
        AcceptTerms = "accept_terms",
        /// Choose the active account.
        SwitchAccount = "switch_account",
        /// Make an organization.
        CreateOrganization = "create_organization",
        /// Read an organization.
        ReadOrganization = "read_organization",
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
        /// End an API key.
        DeleteApiKey = "delete_api_key",
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
                | Self::ReadOrganization
                | Self::ReadBalance
                | Self::ReadPayments
                | Self::ReadUsages
                | Self::ListApiKeys
                | Self::VerifyApiKey
                | Self::QueryMeter
        )
    }
}
