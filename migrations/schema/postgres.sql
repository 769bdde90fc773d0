api_keys_foreign_prefix.created_at bigint NOT NULL
api_keys_foreign_prefix.prefix text NOT NULL
api_keys_foreign_prefix CONSTRAINT api_keys_foreign_prefix_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
api_keys_foreign_prefix CONSTRAINT api_keys_foreign_prefix_pkey PRIMARY KEY (prefix)
CREATE UNIQUE INDEX api_keys_foreign_prefix_pkey ON public.api_keys_foreign_prefix USING btree (prefix)
api_keys_key.account_id uuid NOT NULL
api_keys_key.account_kind text NOT NULL
api_keys_key.created_at bigint NOT NULL
api_keys_key.creator_id uuid NOT NULL
api_keys_key.enabled boolean NOT NULL
api_keys_key.expires_at bigint
api_keys_key.holder text NOT NULL DEFAULT 'person'::text
api_keys_key.id uuid NOT NULL
api_keys_key.imported_hash bytea
api_keys_key.is_primary boolean NOT NULL DEFAULT false
api_keys_key.key_hash bytea NOT NULL
api_keys_key.last_four text NOT NULL
api_keys_key.last_used_at bigint
api_keys_key.name text NOT NULL
api_keys_key.networks text NOT NULL DEFAULT ''::text
api_keys_key.per_minute bigint
api_keys_key.prefix text NOT NULL
api_keys_key.previous_expires_at bigint
api_keys_key.previous_hash bytea
api_keys_key.revocation_reason text
api_keys_key.revoked_at bigint
api_keys_key.scopes text NOT NULL
api_keys_key.sealed_secret text
api_keys_key.spend_limit_micros bigint
api_keys_key.spend_window text
api_keys_key CONSTRAINT api_keys_key_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
api_keys_key CONSTRAINT api_keys_key_expires_at_check CHECK (((expires_at IS NULL) OR ((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint))))
api_keys_key CONSTRAINT api_keys_key_last_used_at_check CHECK (((last_used_at IS NULL) OR ((last_used_at = last_used_at) AND (last_used_at > '-9223372036854775808'::bigint))))
api_keys_key CONSTRAINT api_keys_key_per_minute_check CHECK (((per_minute IS NULL) OR ((per_minute = per_minute) AND (per_minute > '-9223372036854775808'::bigint))))
api_keys_key CONSTRAINT api_keys_key_pkey PRIMARY KEY (account_id, id)
api_keys_key CONSTRAINT api_keys_key_previous_expires_at_check CHECK (((previous_expires_at IS NULL) OR ((previous_expires_at = previous_expires_at) AND (previous_expires_at > '-9223372036854775808'::bigint))))
api_keys_key CONSTRAINT api_keys_key_revoked_at_check CHECK (((revoked_at IS NULL) OR ((revoked_at = revoked_at) AND (revoked_at > '-9223372036854775808'::bigint))))
api_keys_key CONSTRAINT api_keys_key_spend_limit_micros_check CHECK (((spend_limit_micros IS NULL) OR ((spend_limit_micros = spend_limit_micros) AND (spend_limit_micros > '-9223372036854775808'::bigint))))
CREATE INDEX api_keys_key_held ON public.api_keys_key USING btree (account_id, holder, created_at, id) WHERE (revoked_at IS NULL)
CREATE INDEX api_keys_key_live ON public.api_keys_key USING btree (creator_id, created_at, id) WHERE (revoked_at IS NULL)
CREATE UNIQUE INDEX api_keys_key_hash ON public.api_keys_key USING btree (key_hash)
CREATE UNIQUE INDEX api_keys_key_id ON public.api_keys_key USING btree (id)
CREATE UNIQUE INDEX api_keys_key_imported_hash ON public.api_keys_key USING btree (imported_hash)
CREATE UNIQUE INDEX api_keys_key_pkey ON public.api_keys_key USING btree (account_id, id)
CREATE UNIQUE INDEX api_keys_key_previous_hash ON public.api_keys_key USING btree (previous_hash)
CREATE UNIQUE INDEX api_keys_key_primary ON public.api_keys_key USING btree (account_id) WHERE (is_primary AND (revoked_at IS NULL))
api_keys_spend.account_id uuid NOT NULL
api_keys_spend.key_id uuid NOT NULL
api_keys_spend.spend_window text NOT NULL
api_keys_spend.spent_micros bigint NOT NULL
api_keys_spend.window_start bigint NOT NULL
api_keys_spend CONSTRAINT api_keys_spend_pkey PRIMARY KEY (account_id, key_id, spend_window, window_start)
api_keys_spend CONSTRAINT api_keys_spend_spent_micros_check CHECK (((spent_micros = spent_micros) AND (spent_micros > '-9223372036854775808'::bigint)))
api_keys_spend CONSTRAINT api_keys_spend_window_start_check CHECK (((window_start = window_start) AND (window_start > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX api_keys_spend_pkey ON public.api_keys_spend USING btree (account_id, key_id, spend_window, window_start)
identity_authorization_code.code_challenge text
identity_authorization_code.code_hash text NOT NULL
identity_authorization_code.created_at bigint NOT NULL
identity_authorization_code.expires_at bigint NOT NULL
identity_authorization_code.id uuid NOT NULL
identity_authorization_code.proved_at bigint
identity_authorization_code.redirect_uri text NOT NULL
identity_authorization_code.used_at bigint
identity_authorization_code.user_id uuid NOT NULL
identity_authorization_code CONSTRAINT identity_authorization_code_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_authorization_code CONSTRAINT identity_authorization_code_expires_at_check CHECK (((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint)))
identity_authorization_code CONSTRAINT identity_authorization_code_pkey PRIMARY KEY (user_id, id)
identity_authorization_code CONSTRAINT identity_authorization_code_proved_at_check CHECK (((proved_at IS NULL) OR ((proved_at = proved_at) AND (proved_at > '-9223372036854775808'::bigint))))
identity_authorization_code CONSTRAINT identity_authorization_code_used_at_check CHECK (((used_at IS NULL) OR ((used_at = used_at) AND (used_at > '-9223372036854775808'::bigint))))
CREATE UNIQUE INDEX identity_authorization_code_code_hash ON public.identity_authorization_code USING btree (code_hash)
CREATE UNIQUE INDEX identity_authorization_code_pkey ON public.identity_authorization_code USING btree (user_id, id)
identity_external_identity.digest bytea NOT NULL
identity_external_identity.forgotten_at bigint
identity_external_identity.issuer text NOT NULL
identity_external_identity.linked_at bigint NOT NULL
identity_external_identity.user_id uuid
identity_external_identity CONSTRAINT identity_external_identity_forgotten_at_check CHECK (((forgotten_at IS NULL) OR ((forgotten_at = forgotten_at) AND (forgotten_at > '-9223372036854775808'::bigint))))
identity_external_identity CONSTRAINT identity_external_identity_linked_at_check CHECK (((linked_at = linked_at) AND (linked_at > '-9223372036854775808'::bigint)))
identity_external_identity CONSTRAINT identity_external_identity_pkey PRIMARY KEY (digest)
identity_external_identity CONSTRAINT identity_external_identity_user FOREIGN KEY (user_id) REFERENCES identity_user(id)
CREATE INDEX identity_external_identity_user ON public.identity_external_identity USING btree (user_id)
CREATE UNIQUE INDEX identity_external_identity_pkey ON public.identity_external_identity USING btree (digest)
identity_one_time_token.created_at bigint NOT NULL
identity_one_time_token.email text NOT NULL
identity_one_time_token.expires_at bigint NOT NULL
identity_one_time_token.purpose text NOT NULL
identity_one_time_token.token_hash text NOT NULL
identity_one_time_token.user_id uuid NOT NULL
identity_one_time_token CONSTRAINT identity_one_time_token_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_one_time_token CONSTRAINT identity_one_time_token_expires_at_check CHECK (((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint)))
identity_one_time_token CONSTRAINT identity_one_time_token_pkey PRIMARY KEY (user_id, purpose)
identity_one_time_token CONSTRAINT identity_one_time_token_user FOREIGN KEY (user_id) REFERENCES identity_user(id)
CREATE INDEX identity_one_time_token_expired ON public.identity_one_time_token USING btree (expires_at)
CREATE UNIQUE INDEX identity_one_time_token_pkey ON public.identity_one_time_token USING btree (user_id, purpose)
CREATE UNIQUE INDEX identity_one_time_token_token_hash ON public.identity_one_time_token USING btree (token_hash)
identity_password.hash text NOT NULL
identity_password.updated_at bigint NOT NULL
identity_password.user_id uuid NOT NULL
identity_password CONSTRAINT identity_password_pkey PRIMARY KEY (user_id)
identity_password CONSTRAINT identity_password_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
identity_password CONSTRAINT identity_password_user FOREIGN KEY (user_id) REFERENCES identity_user(id)
CREATE UNIQUE INDEX identity_password_pkey ON public.identity_password USING btree (user_id)
identity_recovery_code.code_hash text NOT NULL
identity_recovery_code.created_at bigint NOT NULL
identity_recovery_code.user_id uuid NOT NULL
identity_recovery_code CONSTRAINT identity_recovery_code_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_recovery_code CONSTRAINT identity_recovery_code_factor FOREIGN KEY (user_id) REFERENCES identity_second_factor(user_id)
identity_recovery_code CONSTRAINT identity_recovery_code_pkey PRIMARY KEY (user_id, code_hash)
CREATE UNIQUE INDEX identity_recovery_code_pkey ON public.identity_recovery_code USING btree (user_id, code_hash)
identity_refresh_token.created_at bigint NOT NULL
identity_refresh_token.expires_at bigint NOT NULL
identity_refresh_token.id uuid NOT NULL
identity_refresh_token.session_id uuid NOT NULL
identity_refresh_token.token_hash text NOT NULL
identity_refresh_token.used_at bigint
identity_refresh_token.user_id uuid NOT NULL
identity_refresh_token CONSTRAINT identity_refresh_token_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_refresh_token CONSTRAINT identity_refresh_token_expires_at_check CHECK (((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint)))
identity_refresh_token CONSTRAINT identity_refresh_token_pkey PRIMARY KEY (user_id, session_id, id)
identity_refresh_token CONSTRAINT identity_refresh_token_session FOREIGN KEY (user_id, session_id) REFERENCES identity_session(user_id, id)
identity_refresh_token CONSTRAINT identity_refresh_token_used_at_check CHECK (((used_at IS NULL) OR ((used_at = used_at) AND (used_at > '-9223372036854775808'::bigint))))
CREATE UNIQUE INDEX identity_refresh_token_pkey ON public.identity_refresh_token USING btree (user_id, session_id, id)
CREATE UNIQUE INDEX identity_refresh_token_token_hash ON public.identity_refresh_token USING btree (token_hash)
identity_second_factor.confirmed_at bigint
identity_second_factor.created_at bigint NOT NULL
identity_second_factor.last_used_step bigint
identity_second_factor.sealed_keys text NOT NULL
identity_second_factor.user_id uuid NOT NULL
identity_second_factor CONSTRAINT identity_second_factor_confirmed_at_check CHECK (((confirmed_at IS NULL) OR ((confirmed_at = confirmed_at) AND (confirmed_at > '-9223372036854775808'::bigint))))
identity_second_factor CONSTRAINT identity_second_factor_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_second_factor CONSTRAINT identity_second_factor_last_used_step_check CHECK (((last_used_step IS NULL) OR ((last_used_step = last_used_step) AND (last_used_step > '-9223372036854775808'::bigint))))
identity_second_factor CONSTRAINT identity_second_factor_pkey PRIMARY KEY (user_id)
identity_second_factor CONSTRAINT identity_second_factor_user FOREIGN KEY (user_id) REFERENCES identity_user(id)
CREATE UNIQUE INDEX identity_second_factor_pkey ON public.identity_second_factor USING btree (user_id)
identity_session.cookie_hash text
identity_session.created_at bigint NOT NULL
identity_session.ended_at bigint
identity_session.expires_at bigint NOT NULL
identity_session.id uuid NOT NULL
identity_session.ip text
identity_session.kind text NOT NULL
identity_session.proved_at bigint
identity_session.user_agent text
identity_session.user_id uuid NOT NULL
identity_session CONSTRAINT identity_session_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_session CONSTRAINT identity_session_ended_at_check CHECK (((ended_at IS NULL) OR ((ended_at = ended_at) AND (ended_at > '-9223372036854775808'::bigint))))
identity_session CONSTRAINT identity_session_expires_at_check CHECK (((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint)))
identity_session CONSTRAINT identity_session_pkey PRIMARY KEY (user_id, id)
identity_session CONSTRAINT identity_session_proved_at_check CHECK (((proved_at IS NULL) OR ((proved_at = proved_at) AND (proved_at > '-9223372036854775808'::bigint))))
identity_session CONSTRAINT identity_session_user FOREIGN KEY (user_id) REFERENCES identity_user(id)
CREATE INDEX identity_session_id ON public.identity_session USING btree (id)
CREATE UNIQUE INDEX identity_session_cookie_hash ON public.identity_session USING btree (cookie_hash)
CREATE UNIQUE INDEX identity_session_pkey ON public.identity_session USING btree (user_id, id)
identity_signing_key.created_at bigint NOT NULL
identity_signing_key.id uuid NOT NULL
identity_signing_key.public_key text NOT NULL
identity_signing_key.retired_at bigint
identity_signing_key.sealed_private_key text
identity_signing_key.state text NOT NULL
identity_signing_key CONSTRAINT identity_signing_key_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_signing_key CONSTRAINT identity_signing_key_pkey PRIMARY KEY (id)
identity_signing_key CONSTRAINT identity_signing_key_retired_at_check CHECK (((retired_at IS NULL) OR ((retired_at = retired_at) AND (retired_at > '-9223372036854775808'::bigint))))
CREATE UNIQUE INDEX identity_signing_key_current ON public.identity_signing_key USING btree (state) WHERE (state = 'current'::text)
CREATE UNIQUE INDEX identity_signing_key_pkey ON public.identity_signing_key USING btree (id)
identity_user.bench_consent boolean
identity_user.created_at bigint NOT NULL
identity_user.deleted_at bigint
identity_user.display_name text NOT NULL
identity_user.email text NOT NULL
identity_user.email_folded text NOT NULL
identity_user.email_verified_at bigint
identity_user.id uuid NOT NULL
identity_user.photo_url text
identity_user.suspended_at bigint
identity_user.terms_accepted_at bigint
identity_user.updated_at bigint NOT NULL
identity_user CONSTRAINT identity_user_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
identity_user CONSTRAINT identity_user_deleted_at_check CHECK (((deleted_at IS NULL) OR ((deleted_at = deleted_at) AND (deleted_at > '-9223372036854775808'::bigint))))
identity_user CONSTRAINT identity_user_email_verified_at_check CHECK (((email_verified_at IS NULL) OR ((email_verified_at = email_verified_at) AND (email_verified_at > '-9223372036854775808'::bigint))))
identity_user CONSTRAINT identity_user_pkey PRIMARY KEY (id)
identity_user CONSTRAINT identity_user_suspended_at_check CHECK (((suspended_at IS NULL) OR ((suspended_at = suspended_at) AND (suspended_at > '-9223372036854775808'::bigint))))
identity_user CONSTRAINT identity_user_terms_accepted_at_check CHECK (((terms_accepted_at IS NULL) OR ((terms_accepted_at = terms_accepted_at) AND (terms_accepted_at > '-9223372036854775808'::bigint))))
identity_user CONSTRAINT identity_user_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX identity_user_email_folded ON public.identity_user USING btree (email_folded)
CREATE UNIQUE INDEX identity_user_pkey ON public.identity_user USING btree (id)
kernel_audit.account_id uuid NOT NULL
kernel_audit.actor_id uuid
kernel_audit.actor_kind text NOT NULL
kernel_audit.after text
kernel_audit.before text
kernel_audit.created_at bigint NOT NULL
kernel_audit.id uuid NOT NULL
kernel_audit.ip text
kernel_audit.operation text NOT NULL
kernel_audit.request_id text
kernel_audit.target text NOT NULL
kernel_audit CONSTRAINT kernel_audit_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
kernel_audit CONSTRAINT kernel_audit_pkey PRIMARY KEY (account_id, id)
CREATE UNIQUE INDEX kernel_audit_pkey ON public.kernel_audit USING btree (account_id, id)
CREATE TRIGGER kernel_audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.kernel_audit FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_is_append_only()
kernel_idempotency.account_id uuid NOT NULL
kernel_idempotency.created_at bigint NOT NULL
kernel_idempotency.key text NOT NULL
kernel_idempotency.operation text NOT NULL
kernel_idempotency.outcome text
kernel_idempotency.request_hash text NOT NULL
kernel_idempotency CONSTRAINT kernel_idempotency_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
kernel_idempotency CONSTRAINT kernel_idempotency_pkey PRIMARY KEY (account_id, operation, key)
CREATE UNIQUE INDEX kernel_idempotency_pkey ON public.kernel_idempotency USING btree (account_id, operation, key)
kernel_outbox.account_id uuid
kernel_outbox.attempts bigint NOT NULL
kernel_outbox.available_at bigint NOT NULL
kernel_outbox.created_at bigint NOT NULL
kernel_outbox.id uuid NOT NULL
kernel_outbox.last_error text
kernel_outbox.payload text NOT NULL
kernel_outbox.state text NOT NULL
kernel_outbox.topic text NOT NULL
kernel_outbox CONSTRAINT kernel_outbox_attempts_check CHECK (((attempts = attempts) AND (attempts > '-9223372036854775808'::bigint)))
kernel_outbox CONSTRAINT kernel_outbox_available_at_check CHECK (((available_at = available_at) AND (available_at > '-9223372036854775808'::bigint)))
kernel_outbox CONSTRAINT kernel_outbox_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
kernel_outbox CONSTRAINT kernel_outbox_pkey PRIMARY KEY (id)
CREATE INDEX kernel_outbox_due ON public.kernel_outbox USING btree (state, available_at)
CREATE UNIQUE INDEX kernel_outbox_pkey ON public.kernel_outbox USING btree (id)
kernel_subject_key.created_at bigint NOT NULL
kernel_subject_key.sealed_key text NOT NULL
kernel_subject_key.subject_id uuid NOT NULL
kernel_subject_key CONSTRAINT kernel_subject_key_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
kernel_subject_key CONSTRAINT kernel_subject_key_pkey PRIMARY KEY (subject_id)
CREATE UNIQUE INDEX kernel_subject_key_pkey ON public.kernel_subject_key USING btree (subject_id)
ledger_book.account_id uuid NOT NULL
ledger_book.account_kind text NOT NULL
ledger_book.balance bigint NOT NULL
ledger_book.created_at bigint NOT NULL
ledger_book.held bigint NOT NULL
ledger_book.outstanding bigint NOT NULL
ledger_book.postpaid_limit bigint NOT NULL
ledger_book.remainder_nanos bigint NOT NULL
ledger_book.updated_at bigint NOT NULL
ledger_book CONSTRAINT ledger_book_balance_check CHECK (((balance = balance) AND (balance > '-9223372036854775808'::bigint)))
ledger_book CONSTRAINT ledger_book_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
ledger_book CONSTRAINT ledger_book_held_check CHECK (((held = held) AND (held > '-9223372036854775808'::bigint)))
ledger_book CONSTRAINT ledger_book_outstanding_check CHECK (((outstanding = outstanding) AND (outstanding > '-9223372036854775808'::bigint)))
ledger_book CONSTRAINT ledger_book_pkey PRIMARY KEY (account_id)
ledger_book CONSTRAINT ledger_book_postpaid_limit_check CHECK (((postpaid_limit = postpaid_limit) AND (postpaid_limit > '-9223372036854775808'::bigint)))
ledger_book CONSTRAINT ledger_book_remainder_nanos_check CHECK (((remainder_nanos = remainder_nanos) AND (remainder_nanos > '-9223372036854775808'::bigint)))
ledger_book CONSTRAINT ledger_book_remainder_nanos_check1 CHECK (((remainder_nanos >= 0) AND (remainder_nanos <= 999)))
ledger_book CONSTRAINT ledger_book_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX ledger_book_pkey ON public.ledger_book USING btree (account_id)
ledger_entry.account text NOT NULL
ledger_entry.account_id uuid NOT NULL
ledger_entry.amount bigint NOT NULL
ledger_entry.lot_id uuid
ledger_entry.position bigint NOT NULL
ledger_entry.posting_id uuid NOT NULL
ledger_entry CONSTRAINT ledger_entry_amount_check CHECK (((amount = amount) AND (amount > '-9223372036854775808'::bigint)))
ledger_entry CONSTRAINT ledger_entry_pkey PRIMARY KEY (account_id, posting_id, "position")
ledger_entry CONSTRAINT ledger_entry_position_check CHECK ((("position" = "position") AND ("position" > '-9223372036854775808'::bigint)))
CREATE INDEX ledger_entry_lot ON public.ledger_entry USING btree (account_id, lot_id)
CREATE UNIQUE INDEX ledger_entry_pkey ON public.ledger_entry USING btree (account_id, posting_id, "position")
CREATE TRIGGER ledger_entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_append_only()
ledger_lot.account_id uuid NOT NULL
ledger_lot.closed_at bigint
ledger_lot.expires_at bigint
ledger_lot.granted bigint NOT NULL
ledger_lot.granted_at bigint NOT NULL
ledger_lot.id uuid NOT NULL
ledger_lot.kind text NOT NULL
ledger_lot.priority bigint NOT NULL
ledger_lot.promotional boolean NOT NULL
ledger_lot.remaining bigint NOT NULL
ledger_lot CONSTRAINT ledger_lot_check CHECK (((remaining >= 0) AND (remaining <= granted)))
ledger_lot CONSTRAINT ledger_lot_closed_at_check CHECK (((closed_at IS NULL) OR ((closed_at = closed_at) AND (closed_at > '-9223372036854775808'::bigint))))
ledger_lot CONSTRAINT ledger_lot_expires_at_check CHECK (((expires_at IS NULL) OR ((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint))))
ledger_lot CONSTRAINT ledger_lot_granted_at_check CHECK (((granted_at = granted_at) AND (granted_at > '-9223372036854775808'::bigint)))
ledger_lot CONSTRAINT ledger_lot_granted_check CHECK (((granted = granted) AND (granted > '-9223372036854775808'::bigint)))
ledger_lot CONSTRAINT ledger_lot_pkey PRIMARY KEY (account_id, id)
ledger_lot CONSTRAINT ledger_lot_priority_check CHECK (((priority = priority) AND (priority > '-9223372036854775808'::bigint)))
ledger_lot CONSTRAINT ledger_lot_remaining_check CHECK (((remaining = remaining) AND (remaining > '-9223372036854775808'::bigint)))
CREATE INDEX ledger_lot_expiring ON public.ledger_lot USING btree (expires_at) WHERE (closed_at IS NULL)
CREATE INDEX ledger_lot_open ON public.ledger_lot USING btree (account_id) WHERE (closed_at IS NULL)
CREATE UNIQUE INDEX ledger_lot_pkey ON public.ledger_lot USING btree (account_id, id)
ledger_payment.account_id uuid NOT NULL
ledger_payment.amount_cents bigint NOT NULL
ledger_payment.card_brand text
ledger_payment.card_last4 text
ledger_payment.created_at bigint NOT NULL
ledger_payment.creator_id uuid NOT NULL
ledger_payment.credits bigint NOT NULL
ledger_payment.currency text NOT NULL
ledger_payment.failure_reason text
ledger_payment.for_organization boolean NOT NULL
ledger_payment.id uuid NOT NULL
ledger_payment.kind text NOT NULL
ledger_payment.paid_at bigint
ledger_payment.provider text NOT NULL
ledger_payment.provider_payment_id text
ledger_payment.provider_session_id text
ledger_payment.receipt_url text
ledger_payment.status text NOT NULL
ledger_payment CONSTRAINT ledger_payment_amount_cents_check CHECK (((amount_cents = amount_cents) AND (amount_cents > '-9223372036854775808'::bigint)))
ledger_payment CONSTRAINT ledger_payment_check CHECK (((amount_cents > 0) AND (credits > 0)))
ledger_payment CONSTRAINT ledger_payment_check1 CHECK (((paid_at IS NOT NULL) = (status = ANY (ARRAY['succeeded'::text, 'refunded'::text]))))
ledger_payment CONSTRAINT ledger_payment_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
ledger_payment CONSTRAINT ledger_payment_credits_check CHECK (((credits = credits) AND (credits > '-9223372036854775808'::bigint)))
ledger_payment CONSTRAINT ledger_payment_paid_at_check CHECK (((paid_at IS NULL) OR ((paid_at = paid_at) AND (paid_at > '-9223372036854775808'::bigint))))
ledger_payment CONSTRAINT ledger_payment_pkey PRIMARY KEY (account_id, id)
CREATE INDEX ledger_payment_paid ON public.ledger_payment USING btree (account_id, paid_at, id) WHERE (paid_at IS NOT NULL)
CREATE UNIQUE INDEX ledger_payment_pkey ON public.ledger_payment USING btree (account_id, id)
CREATE UNIQUE INDEX ledger_payment_provider_payment ON public.ledger_payment USING btree (provider_payment_id, provider)
CREATE UNIQUE INDEX ledger_payment_session ON public.ledger_payment USING btree (provider_session_id, provider)
ledger_posting.account_id uuid NOT NULL
ledger_posting.actor text NOT NULL
ledger_posting.content_hash text NOT NULL
ledger_posting.created_at bigint NOT NULL
ledger_posting.description text NOT NULL
ledger_posting.id uuid NOT NULL
ledger_posting.kind text NOT NULL
ledger_posting.reference text NOT NULL
ledger_posting.reverses uuid
ledger_posting.tokens bigint NOT NULL
ledger_posting.traffic_source text
ledger_posting CONSTRAINT ledger_posting_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
ledger_posting CONSTRAINT ledger_posting_pkey PRIMARY KEY (account_id, id)
ledger_posting CONSTRAINT ledger_posting_tokens_check CHECK (((tokens = tokens) AND (tokens > '-9223372036854775808'::bigint)))
CREATE INDEX ledger_posting_newest ON public.ledger_posting USING btree (account_id, created_at, id)
CREATE INDEX ledger_posting_reverses ON public.ledger_posting USING btree (account_id, reverses) WHERE (reverses IS NOT NULL)
CREATE UNIQUE INDEX ledger_posting_pkey ON public.ledger_posting USING btree (account_id, id)
CREATE UNIQUE INDEX ledger_posting_reference ON public.ledger_posting USING btree (account_id, reference)
CREATE UNIQUE INDEX ledger_posting_reversal ON public.ledger_posting USING btree (account_id, reverses) WHERE (kind = 'refund'::text)
CREATE TRIGGER ledger_posting_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION ledger_posting_is_append_only()
ledger_provider_event.body text NOT NULL
ledger_provider_event.event_id text NOT NULL
ledger_provider_event.event_type text NOT NULL
ledger_provider_event.processed_at bigint
ledger_provider_event.provider text NOT NULL
ledger_provider_event.received_at bigint NOT NULL
ledger_provider_event CONSTRAINT ledger_provider_event_pkey PRIMARY KEY (provider, event_id)
ledger_provider_event CONSTRAINT ledger_provider_event_processed_at_check CHECK (((processed_at IS NULL) OR ((processed_at = processed_at) AND (processed_at > '-9223372036854775808'::bigint))))
ledger_provider_event CONSTRAINT ledger_provider_event_received_at_check CHECK (((received_at = received_at) AND (received_at > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX ledger_provider_event_pkey ON public.ledger_provider_event USING btree (provider, event_id)
metering_level.account_id uuid NOT NULL
metering_level.detail text
metering_level.group_hash uuid NOT NULL
metering_level.group_values text NOT NULL
metering_level.latest_at bigint NOT NULL
metering_level.latest_micros bigint NOT NULL
metering_level.max_micros bigint NOT NULL
metering_level.meter text NOT NULL
metering_level.size text NOT NULL
metering_level.window_start bigint NOT NULL
metering_level CONSTRAINT metering_level_latest_at_check CHECK (((latest_at = latest_at) AND (latest_at > '-9223372036854775808'::bigint)))
metering_level CONSTRAINT metering_level_latest_micros_check CHECK (((latest_micros = latest_micros) AND (latest_micros > '-9223372036854775808'::bigint)))
metering_level CONSTRAINT metering_level_max_micros_check CHECK (((max_micros = max_micros) AND (max_micros > '-9223372036854775808'::bigint)))
metering_level CONSTRAINT metering_level_pkey PRIMARY KEY (account_id, meter, size, window_start, group_hash)
metering_level CONSTRAINT metering_level_window_start_check CHECK (((window_start = window_start) AND (window_start > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX metering_level_pkey ON public.metering_level USING btree (account_id, meter, size, window_start, group_hash)
metering_sum.account_id uuid NOT NULL
metering_sum.detail text
metering_sum.event_count bigint NOT NULL
metering_sum.event_type text NOT NULL
metering_sum.group_hash uuid NOT NULL
metering_sum.group_values text NOT NULL
metering_sum.meters text NOT NULL
metering_sum.size text NOT NULL
metering_sum.sum0_micros bigint NOT NULL
metering_sum.sum0_whole bigint NOT NULL
metering_sum.sum1_micros bigint NOT NULL
metering_sum.sum1_whole bigint NOT NULL
metering_sum.sum2_micros bigint NOT NULL
metering_sum.sum2_whole bigint NOT NULL
metering_sum.sum3_micros bigint NOT NULL
metering_sum.sum3_whole bigint NOT NULL
metering_sum.sum4_micros bigint NOT NULL
metering_sum.sum4_whole bigint NOT NULL
metering_sum.sum5_micros bigint NOT NULL
metering_sum.sum5_whole bigint NOT NULL
metering_sum.sum6_micros bigint NOT NULL
metering_sum.sum6_whole bigint NOT NULL
metering_sum.sum7_micros bigint NOT NULL
metering_sum.sum7_whole bigint NOT NULL
metering_sum.window_start bigint NOT NULL
metering_sum CONSTRAINT metering_sum_event_count_check CHECK (((event_count = event_count) AND (event_count > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_pkey PRIMARY KEY (account_id, event_type, size, window_start, group_hash)
metering_sum CONSTRAINT metering_sum_sum0_micros_check CHECK (((sum0_micros = sum0_micros) AND (sum0_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum0_whole_check CHECK (((sum0_whole = sum0_whole) AND (sum0_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum1_micros_check CHECK (((sum1_micros = sum1_micros) AND (sum1_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum1_whole_check CHECK (((sum1_whole = sum1_whole) AND (sum1_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum2_micros_check CHECK (((sum2_micros = sum2_micros) AND (sum2_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum2_whole_check CHECK (((sum2_whole = sum2_whole) AND (sum2_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum3_micros_check CHECK (((sum3_micros = sum3_micros) AND (sum3_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum3_whole_check CHECK (((sum3_whole = sum3_whole) AND (sum3_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum4_micros_check CHECK (((sum4_micros = sum4_micros) AND (sum4_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum4_whole_check CHECK (((sum4_whole = sum4_whole) AND (sum4_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum5_micros_check CHECK (((sum5_micros = sum5_micros) AND (sum5_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum5_whole_check CHECK (((sum5_whole = sum5_whole) AND (sum5_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum6_micros_check CHECK (((sum6_micros = sum6_micros) AND (sum6_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum6_whole_check CHECK (((sum6_whole = sum6_whole) AND (sum6_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum7_micros_check CHECK (((sum7_micros = sum7_micros) AND (sum7_micros > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_sum7_whole_check CHECK (((sum7_whole = sum7_whole) AND (sum7_whole > '-9223372036854775808'::bigint)))
metering_sum CONSTRAINT metering_sum_window_start_check CHECK (((window_start = window_start) AND (window_start > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX metering_sum_pkey ON public.metering_sum USING btree (account_id, event_type, size, window_start, group_hash)
metering_unique.account_id uuid NOT NULL
metering_unique.detail text
metering_unique.group_hash uuid NOT NULL
metering_unique.group_values text NOT NULL
metering_unique.meter text NOT NULL
metering_unique.size text NOT NULL
metering_unique.value_hash uuid NOT NULL
metering_unique.window_start bigint NOT NULL
metering_unique CONSTRAINT metering_unique_pkey PRIMARY KEY (account_id, meter, size, window_start, group_hash, value_hash)
metering_unique CONSTRAINT metering_unique_window_start_check CHECK (((window_start = window_start) AND (window_start > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX metering_unique_pkey ON public.metering_unique USING btree (account_id, meter, size, window_start, group_hash, value_hash)
metering_usage.account_id uuid NOT NULL
metering_usage.api_key_id uuid
metering_usage.billable boolean NOT NULL
metering_usage.cached_tokens bigint NOT NULL
metering_usage.completion_tokens bigint NOT NULL
metering_usage.content_hash text NOT NULL
metering_usage.cost_usd_e8 bigint NOT NULL
metering_usage.created_at bigint NOT NULL
metering_usage.credits_used bigint NOT NULL
metering_usage.detail text
metering_usage.event_id text NOT NULL
metering_usage.event_time bigint NOT NULL
metering_usage.event_type text NOT NULL
metering_usage.generation_id text NOT NULL
metering_usage.id uuid NOT NULL
metering_usage.metadata text NOT NULL
metering_usage.model text NOT NULL
metering_usage.model_type text NOT NULL
metering_usage.operation text NOT NULL
metering_usage.payload text
metering_usage.posting_id uuid
metering_usage.prompt_tokens bigint NOT NULL
metering_usage.provider text NOT NULL
metering_usage.source text NOT NULL
metering_usage.traffic_source text
metering_usage.user_id uuid
metering_usage CONSTRAINT metering_usage_cached_tokens_check CHECK (((cached_tokens = cached_tokens) AND (cached_tokens > '-9223372036854775808'::bigint)))
metering_usage CONSTRAINT metering_usage_check CHECK (((cost_usd_e8 >= 0) AND (credits_used >= 0)))
metering_usage CONSTRAINT metering_usage_completion_tokens_check CHECK (((completion_tokens = completion_tokens) AND (completion_tokens > '-9223372036854775808'::bigint)))
metering_usage CONSTRAINT metering_usage_cost_usd_e8_check CHECK (((cost_usd_e8 = cost_usd_e8) AND (cost_usd_e8 > '-9223372036854775808'::bigint)))
metering_usage CONSTRAINT metering_usage_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
metering_usage CONSTRAINT metering_usage_credits_used_check CHECK (((credits_used = credits_used) AND (credits_used > '-9223372036854775808'::bigint)))
metering_usage CONSTRAINT metering_usage_event_time_check CHECK (((event_time = event_time) AND (event_time > '-9223372036854775808'::bigint)))
metering_usage CONSTRAINT metering_usage_pkey PRIMARY KEY (account_id, id)
metering_usage CONSTRAINT metering_usage_prompt_tokens_check CHECK (((prompt_tokens = prompt_tokens) AND (prompt_tokens > '-9223372036854775808'::bigint)))
CREATE INDEX metering_usage_by_event_time ON public.metering_usage USING btree (account_id, event_type, event_time)
CREATE INDEX metering_usage_newest ON public.metering_usage USING btree (account_id, billable, created_at, id)
CREATE INDEX metering_usage_newest_of_user ON public.metering_usage USING btree (account_id, user_id, billable, created_at, id)
CREATE UNIQUE INDEX metering_usage_event ON public.metering_usage USING btree (account_id, source, event_id)
CREATE UNIQUE INDEX metering_usage_pkey ON public.metering_usage USING btree (account_id, id)
notifications_sandbox_mail.created_at bigint NOT NULL
notifications_sandbox_mail.id uuid NOT NULL
notifications_sandbox_mail.sealed text NOT NULL
notifications_sandbox_mail CONSTRAINT notifications_sandbox_mail_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
notifications_sandbox_mail CONSTRAINT notifications_sandbox_mail_pkey PRIMARY KEY (id)
CREATE UNIQUE INDEX notifications_sandbox_mail_pkey ON public.notifications_sandbox_mail USING btree (id)
orgs_active_account.organization_id uuid
orgs_active_account.updated_at bigint NOT NULL
orgs_active_account.user_id uuid NOT NULL
orgs_active_account CONSTRAINT orgs_active_account_organization FOREIGN KEY (organization_id) REFERENCES orgs_organization(id)
orgs_active_account CONSTRAINT orgs_active_account_pkey PRIMARY KEY (user_id)
orgs_active_account CONSTRAINT orgs_active_account_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX orgs_active_account_pkey ON public.orgs_active_account USING btree (user_id)
orgs_external_member.admitted_at bigint NOT NULL
orgs_external_member.identity bytea NOT NULL
orgs_external_member.organization_id uuid NOT NULL
orgs_external_member CONSTRAINT orgs_external_member_admitted_at_check CHECK (((admitted_at = admitted_at) AND (admitted_at > '-9223372036854775808'::bigint)))
orgs_external_member CONSTRAINT orgs_external_member_organization FOREIGN KEY (organization_id) REFERENCES orgs_organization(id)
orgs_external_member CONSTRAINT orgs_external_member_pkey PRIMARY KEY (organization_id, identity)
CREATE UNIQUE INDEX orgs_external_member_pkey ON public.orgs_external_member USING btree (organization_id, identity)
orgs_external_organization.created_at bigint NOT NULL
orgs_external_organization.digest bytea NOT NULL
orgs_external_organization.external_id text NOT NULL
orgs_external_organization.issuer text NOT NULL
orgs_external_organization.organization_id uuid NOT NULL
orgs_external_organization CONSTRAINT orgs_external_organization_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
orgs_external_organization CONSTRAINT orgs_external_organization_organization FOREIGN KEY (organization_id) REFERENCES orgs_organization(id)
orgs_external_organization CONSTRAINT orgs_external_organization_pkey PRIMARY KEY (digest)
CREATE INDEX orgs_external_organization_organization ON public.orgs_external_organization USING btree (organization_id)
CREATE UNIQUE INDEX orgs_external_organization_pkey ON public.orgs_external_organization USING btree (digest)
orgs_invite.accepted_by uuid
orgs_invite.created_at bigint NOT NULL
orgs_invite.email text NOT NULL
orgs_invite.email_folded text NOT NULL
orgs_invite.ended_at bigint
orgs_invite.expires_at bigint NOT NULL
orgs_invite.id uuid NOT NULL
orgs_invite.invited_by uuid NOT NULL
orgs_invite.membership_id uuid
orgs_invite.organization_id uuid NOT NULL
orgs_invite.role text NOT NULL
orgs_invite.state text NOT NULL
orgs_invite.token_hash text NOT NULL
orgs_invite CONSTRAINT orgs_invite_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
orgs_invite CONSTRAINT orgs_invite_ended_at_check CHECK (((ended_at IS NULL) OR ((ended_at = ended_at) AND (ended_at > '-9223372036854775808'::bigint))))
orgs_invite CONSTRAINT orgs_invite_expires_at_check CHECK (((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint)))
orgs_invite CONSTRAINT orgs_invite_organization FOREIGN KEY (organization_id) REFERENCES orgs_organization(id)
orgs_invite CONSTRAINT orgs_invite_pkey PRIMARY KEY (organization_id, id)
CREATE INDEX orgs_invite_email_folded ON public.orgs_invite USING btree (email_folded)
CREATE INDEX orgs_invite_newest ON public.orgs_invite USING btree (organization_id, state, created_at, id)
CREATE UNIQUE INDEX orgs_invite_pending ON public.orgs_invite USING btree (organization_id, email_folded) WHERE (state = 'pending'::text)
CREATE UNIQUE INDEX orgs_invite_pkey ON public.orgs_invite USING btree (organization_id, id)
CREATE UNIQUE INDEX orgs_invite_token_hash ON public.orgs_invite USING btree (token_hash)
orgs_membership.created_at bigint NOT NULL
orgs_membership.id uuid NOT NULL
orgs_membership.organization_id uuid NOT NULL
orgs_membership.role text NOT NULL
orgs_membership.updated_at bigint NOT NULL
orgs_membership.user_id uuid NOT NULL
orgs_membership CONSTRAINT orgs_membership_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
orgs_membership CONSTRAINT orgs_membership_organization FOREIGN KEY (organization_id) REFERENCES orgs_organization(id)
orgs_membership CONSTRAINT orgs_membership_pkey PRIMARY KEY (organization_id, id)
orgs_membership CONSTRAINT orgs_membership_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
CREATE INDEX orgs_membership_newest ON public.orgs_membership USING btree (organization_id, created_at, id)
CREATE INDEX orgs_membership_user ON public.orgs_membership USING btree (user_id, created_at, id)
CREATE UNIQUE INDEX orgs_membership_organization_user ON public.orgs_membership USING btree (organization_id, user_id)
CREATE UNIQUE INDEX orgs_membership_pkey ON public.orgs_membership USING btree (organization_id, id)
orgs_organization.created_at bigint NOT NULL
orgs_organization.default_remote_config text
orgs_organization.deleted_at bigint
orgs_organization.external_organization_id text
orgs_organization.id uuid NOT NULL
orgs_organization.name text NOT NULL
orgs_organization.remote_config_enabled boolean NOT NULL
orgs_organization.slug text NOT NULL
orgs_organization.updated_at bigint NOT NULL
orgs_organization CONSTRAINT orgs_organization_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
orgs_organization CONSTRAINT orgs_organization_deleted_at_check CHECK (((deleted_at IS NULL) OR ((deleted_at = deleted_at) AND (deleted_at > '-9223372036854775808'::bigint))))
orgs_organization CONSTRAINT orgs_organization_pkey PRIMARY KEY (id)
orgs_organization CONSTRAINT orgs_organization_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX orgs_organization_pkey ON public.orgs_organization USING btree (id)
CREATE UNIQUE INDEX orgs_organization_slug ON public.orgs_organization USING btree (slug)
orgs_provider_key.organization_id uuid NOT NULL
orgs_provider_key.provider text NOT NULL
orgs_provider_key.sealed_key text NOT NULL
orgs_provider_key.updated_at bigint NOT NULL
orgs_provider_key CONSTRAINT orgs_provider_key_organization FOREIGN KEY (organization_id) REFERENCES orgs_organization(id)
orgs_provider_key CONSTRAINT orgs_provider_key_pkey PRIMARY KEY (organization_id, provider)
orgs_provider_key CONSTRAINT orgs_provider_key_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX orgs_provider_key_pkey ON public.orgs_provider_key USING btree (organization_id, provider)
plans_account.account_id uuid NOT NULL
plans_account.plan_id uuid NOT NULL
plans_account.seats bigint
plans_account.since bigint NOT NULL
plans_account.updated_at bigint NOT NULL
plans_account CONSTRAINT plans_account_pkey PRIMARY KEY (account_id)
plans_account CONSTRAINT plans_account_seats_check CHECK (((seats IS NULL) OR ((seats = seats) AND (seats > '-9223372036854775808'::bigint))))
plans_account CONSTRAINT plans_account_since_check CHECK (((since = since) AND (since > '-9223372036854775808'::bigint)))
plans_account CONSTRAINT plans_account_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
plans_account CONSTRAINT plans_account_version FOREIGN KEY (plan_id) REFERENCES plans_version(id)
CREATE UNIQUE INDEX plans_account_pkey ON public.plans_account USING btree (account_id)
plans_version.created_at bigint NOT NULL
plans_version.id uuid NOT NULL
plans_version.interval text NOT NULL
plans_version.is_active boolean NOT NULL
plans_version.key text NOT NULL
plans_version.position bigint NOT NULL
plans_version.price_cents bigint NOT NULL
plans_version.terms text NOT NULL
plans_version.terms_hash text NOT NULL
plans_version.updated_at bigint NOT NULL
plans_version.version bigint NOT NULL
plans_version CONSTRAINT plans_version_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
plans_version CONSTRAINT plans_version_pkey PRIMARY KEY (id)
plans_version CONSTRAINT plans_version_position_check CHECK ((("position" = "position") AND ("position" > '-9223372036854775808'::bigint)))
plans_version CONSTRAINT plans_version_price_cents_check CHECK (((price_cents = price_cents) AND (price_cents > '-9223372036854775808'::bigint)))
plans_version CONSTRAINT plans_version_updated_at_check CHECK (((updated_at = updated_at) AND (updated_at > '-9223372036854775808'::bigint)))
plans_version CONSTRAINT plans_version_version_check CHECK (((version = version) AND (version > '-9223372036854775808'::bigint)))
CREATE UNIQUE INDEX plans_version_key_interval_version ON public.plans_version USING btree (key, "interval", version)
CREATE UNIQUE INDEX plans_version_pkey ON public.plans_version USING btree (id)
sandbox_checkout.amount_cents bigint NOT NULL
sandbox_checkout.cancel_url text
sandbox_checkout.card_brand text
sandbox_checkout.card_last4 text
sandbox_checkout.created_at bigint NOT NULL
sandbox_checkout.currency text NOT NULL
sandbox_checkout.description text NOT NULL
sandbox_checkout.expires_at bigint NOT NULL
sandbox_checkout.id text NOT NULL
sandbox_checkout.idempotency_key text NOT NULL
sandbox_checkout.payment_id uuid NOT NULL
sandbox_checkout.provider_payment_id text NOT NULL
sandbox_checkout.status text NOT NULL
sandbox_checkout.success_url text
sandbox_checkout CONSTRAINT sandbox_checkout_amount_cents_check CHECK (((amount_cents = amount_cents) AND (amount_cents > '-9223372036854775808'::bigint)))
sandbox_checkout CONSTRAINT sandbox_checkout_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
sandbox_checkout CONSTRAINT sandbox_checkout_expires_at_check CHECK (((expires_at = expires_at) AND (expires_at > '-9223372036854775808'::bigint)))
sandbox_checkout CONSTRAINT sandbox_checkout_pkey PRIMARY KEY (id)
CREATE UNIQUE INDEX sandbox_checkout_idempotency_key ON public.sandbox_checkout USING btree (idempotency_key)
CREATE UNIQUE INDEX sandbox_checkout_pkey ON public.sandbox_checkout USING btree (id)
sandbox_secret.created_at bigint NOT NULL
sandbox_secret.name text NOT NULL
sandbox_secret.sealed text NOT NULL
sandbox_secret CONSTRAINT sandbox_secret_created_at_check CHECK (((created_at = created_at) AND (created_at > '-9223372036854775808'::bigint)))
sandbox_secret CONSTRAINT sandbox_secret_pkey PRIMARY KEY (name)
CREATE UNIQUE INDEX sandbox_secret_pkey ON public.sandbox_secret USING btree (name)
CREATE OR REPLACE FUNCTION public.kernel_audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'kernel_audit is append-only'; END $function$

CREATE OR REPLACE FUNCTION public.ledger_entry_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'ledger_entry is append-only'; END $function$

CREATE OR REPLACE FUNCTION public.ledger_posting_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'ledger_posting is append-only'; END $function$

