CREATE TABLE "api_keys_foreign_prefix" ( "prefix" text NOT NULL PRIMARY KEY,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808) );
CREATE TABLE "api_keys_key" ( "account_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "account_kind" text NOT NULL,
  "creator_id" uuid_text NOT NULL,
  "name" text NOT NULL,
  "prefix" text NOT NULL,
  "last_four" text NOT NULL,
  "key_hash" blob(32) NOT NULL,
  "scopes" text NOT NULL,
  "enabled" boolean NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "last_used_at" integer NULL CHECK (last_used_at IS NULL OR (last_used_at = CAST(last_used_at AS BIGINT) AND last_used_at > -9223372036854775808)),
  "expires_at" integer NULL CHECK (expires_at IS NULL OR (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808)),
  "revoked_at" integer NULL CHECK (revoked_at IS NULL OR (revoked_at = CAST(revoked_at AS BIGINT) AND revoked_at > -9223372036854775808)),
  "holder" text NOT NULL DEFAULT 'person',
  "is_primary" boolean NOT NULL DEFAULT FALSE,
  "sealed_secret" text NULL,
  "networks" text NOT NULL DEFAULT '',
  "per_minute" integer NULL CHECK (per_minute IS NULL OR (per_minute = CAST(per_minute AS BIGINT) AND per_minute > -9223372036854775808)),
  "spend_limit_micros" integer NULL CHECK (spend_limit_micros IS NULL OR (spend_limit_micros = CAST(spend_limit_micros AS BIGINT) AND spend_limit_micros > -9223372036854775808)),
  "spend_window" text NULL,
  "previous_hash" blob(32) NULL,
  "previous_expires_at" integer NULL CHECK (previous_expires_at IS NULL OR (previous_expires_at = CAST(previous_expires_at AS BIGINT) AND previous_expires_at > -9223372036854775808)),
  "imported_hash" blob(32) NULL,
  "revocation_reason" text NULL, PRIMARY KEY ("account_id",
  "id") );
CREATE UNIQUE INDEX "api_keys_key_hash" ON "api_keys_key" ("key_hash");
CREATE INDEX "api_keys_key_held" ON "api_keys_key" ("account_id", "holder", "created_at", "id") WHERE "revoked_at" IS NULL;
CREATE UNIQUE INDEX "api_keys_key_id" ON "api_keys_key" ("id");
CREATE UNIQUE INDEX "api_keys_key_imported_hash" ON "api_keys_key" ("imported_hash");
CREATE INDEX "api_keys_key_live" ON "api_keys_key" ("creator_id", "created_at", "id") WHERE "revoked_at" IS NULL;
CREATE UNIQUE INDEX "api_keys_key_previous_hash" ON "api_keys_key" ("previous_hash");
CREATE UNIQUE INDEX "api_keys_key_primary" ON "api_keys_key" ("account_id") WHERE "is_primary" AND "revoked_at" IS NULL;
CREATE TABLE "api_keys_spend" ( "account_id" uuid_text NOT NULL,
  "key_id" uuid_text NOT NULL,
  "spend_window" text NOT NULL,
  "window_start" integer NOT NULL CHECK (window_start = CAST(window_start AS BIGINT) AND window_start > -9223372036854775808),
  "spent_micros" integer NOT NULL CHECK (spent_micros = CAST(spent_micros AS BIGINT) AND spent_micros > -9223372036854775808), PRIMARY KEY ("account_id",
  "key_id",
  "spend_window",
  "window_start") );
CREATE TABLE "identity_authorization_code" ( "user_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "code_hash" text NOT NULL,
  "redirect_uri" text NOT NULL,
  "code_challenge" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "expires_at" integer NOT NULL CHECK (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808),
  "used_at" integer NULL CHECK (used_at IS NULL OR (used_at = CAST(used_at AS BIGINT) AND used_at > -9223372036854775808)),
  "proved_at" integer NULL CHECK (proved_at IS NULL OR (proved_at = CAST(proved_at AS BIGINT) AND proved_at > -9223372036854775808)), PRIMARY KEY ("user_id",
  "id") );
CREATE UNIQUE INDEX "identity_authorization_code_code_hash" ON "identity_authorization_code" ("code_hash");
CREATE TABLE "identity_external_identity" ( "digest" blob(32) NOT NULL PRIMARY KEY,
  "issuer" text NOT NULL,
  "user_id" uuid_text NULL,
  "linked_at" integer NOT NULL CHECK (linked_at = CAST(linked_at AS BIGINT) AND linked_at > -9223372036854775808),
  "forgotten_at" integer NULL CHECK (forgotten_at IS NULL OR (forgotten_at = CAST(forgotten_at AS BIGINT) AND forgotten_at > -9223372036854775808)), FOREIGN KEY ("user_id") REFERENCES "identity_user" ("id") );
CREATE INDEX "identity_external_identity_user" ON "identity_external_identity" ("user_id");
CREATE TABLE "identity_one_time_token" ( "user_id" uuid_text NOT NULL,
  "purpose" text NOT NULL,
  "token_hash" text NOT NULL,
  "email" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "expires_at" integer NOT NULL CHECK (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808), PRIMARY KEY ("user_id",
  "purpose"), FOREIGN KEY ("user_id") REFERENCES "identity_user" ("id") );
CREATE INDEX "identity_one_time_token_expired" ON "identity_one_time_token" ("expires_at");
CREATE UNIQUE INDEX "identity_one_time_token_token_hash" ON "identity_one_time_token" ("token_hash");
CREATE TABLE "identity_password" ( "user_id" uuid_text NOT NULL PRIMARY KEY,
  "hash" text NOT NULL,
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808), FOREIGN KEY ("user_id") REFERENCES "identity_user" ("id") );
CREATE TABLE "identity_recovery_code" ( "user_id" uuid_text NOT NULL,
  "code_hash" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808), PRIMARY KEY ("user_id",
  "code_hash"), FOREIGN KEY ("user_id") REFERENCES "identity_second_factor" ("user_id") );
CREATE TABLE "identity_refresh_token" ( "user_id" uuid_text NOT NULL,
  "session_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "token_hash" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "expires_at" integer NOT NULL CHECK (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808),
  "used_at" integer NULL CHECK (used_at IS NULL OR (used_at = CAST(used_at AS BIGINT) AND used_at > -9223372036854775808)), PRIMARY KEY ("user_id",
  "session_id",
  "id"), FOREIGN KEY ("user_id",
  "session_id") REFERENCES "identity_session" ("user_id",
  "id") );
CREATE UNIQUE INDEX "identity_refresh_token_token_hash" ON "identity_refresh_token" ("token_hash");
CREATE TABLE "identity_second_factor" ( "user_id" uuid_text NOT NULL PRIMARY KEY,
  "sealed_keys" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "confirmed_at" integer NULL CHECK (confirmed_at IS NULL OR (confirmed_at = CAST(confirmed_at AS BIGINT) AND confirmed_at > -9223372036854775808)),
  "last_used_step" integer NULL CHECK (last_used_step IS NULL OR (last_used_step = CAST(last_used_step AS BIGINT) AND last_used_step > -9223372036854775808)), FOREIGN KEY ("user_id") REFERENCES "identity_user" ("id") );
CREATE TABLE "identity_session" ( "user_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "kind" text NOT NULL,
  "cookie_hash" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "expires_at" integer NOT NULL CHECK (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808),
  "ended_at" integer NULL CHECK (ended_at IS NULL OR (ended_at = CAST(ended_at AS BIGINT) AND ended_at > -9223372036854775808)),
  "ip" text NULL,
  "user_agent" text NULL,
  "proved_at" integer NULL CHECK (proved_at IS NULL OR (proved_at = CAST(proved_at AS BIGINT) AND proved_at > -9223372036854775808)), PRIMARY KEY ("user_id",
  "id"), FOREIGN KEY ("user_id") REFERENCES "identity_user" ("id") );
CREATE UNIQUE INDEX "identity_session_cookie_hash" ON "identity_session" ("cookie_hash");
CREATE INDEX "identity_session_id" ON "identity_session" ("id");
CREATE TABLE "identity_signing_key" ( "id" uuid_text NOT NULL PRIMARY KEY,
  "state" text NOT NULL,
  "public_key" text NOT NULL,
  "sealed_private_key" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "retired_at" integer NULL CHECK (retired_at IS NULL OR (retired_at = CAST(retired_at AS BIGINT) AND retired_at > -9223372036854775808)) );
CREATE UNIQUE INDEX "identity_signing_key_current" ON "identity_signing_key" ("state") WHERE "state" = 'current';
CREATE TABLE "identity_user" ( "id" uuid_text NOT NULL PRIMARY KEY,
  "email" text NOT NULL,
  "email_folded" text NOT NULL,
  "display_name" text NOT NULL,
  "photo_url" text NULL,
  "terms_accepted_at" integer NULL CHECK (terms_accepted_at IS NULL OR (terms_accepted_at = CAST(terms_accepted_at AS BIGINT) AND terms_accepted_at > -9223372036854775808)),
  "bench_consent" boolean NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808) ,
  "suspended_at" integer NULL CHECK (suspended_at IS NULL OR (suspended_at = CAST(suspended_at AS BIGINT) AND suspended_at > -9223372036854775808)),
  "email_verified_at" integer NULL CHECK (email_verified_at IS NULL OR (email_verified_at = CAST(email_verified_at AS BIGINT) AND email_verified_at > -9223372036854775808)),
  "deleted_at" integer NULL CHECK (deleted_at IS NULL OR (deleted_at = CAST(deleted_at AS BIGINT) AND deleted_at > -9223372036854775808)));
CREATE UNIQUE INDEX "identity_user_email_folded" ON "identity_user" ("email_folded");
CREATE TABLE "kernel_audit" ( "account_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "actor_kind" text NOT NULL,
  "actor_id" uuid_text NULL,
  "operation" text NOT NULL,
  "target" text NOT NULL,
  "before" text NULL,
  "after" text NULL,
  "ip" text NULL,
  "request_id" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808), PRIMARY KEY ("account_id",
  "id") );
CREATE TRIGGER kernel_audit_refuses_delete BEFORE DELETE ON kernel_audit BEGIN SELECT RAISE(ABORT, 'kernel_audit is append-only'); END;
CREATE TRIGGER kernel_audit_refuses_update BEFORE UPDATE ON kernel_audit BEGIN SELECT RAISE(ABORT, 'kernel_audit is append-only'); END;
CREATE TABLE "kernel_idempotency" ( "account_id" uuid_text NOT NULL,
  "operation" text NOT NULL,
  "key" text NOT NULL,
  "request_hash" text NOT NULL,
  "outcome" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808), PRIMARY KEY ("account_id",
  "operation",
  "key") );
CREATE TABLE "kernel_outbox" ( "id" uuid_text NOT NULL PRIMARY KEY,
  "topic" text NOT NULL,
  "account_id" uuid_text NULL,
  "payload" text NOT NULL,
  "state" text NOT NULL,
  "attempts" integer NOT NULL CHECK (attempts = CAST(attempts AS BIGINT) AND attempts > -9223372036854775808),
  "available_at" integer NOT NULL CHECK (available_at = CAST(available_at AS BIGINT) AND available_at > -9223372036854775808),
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "last_error" text NULL );
CREATE INDEX "kernel_outbox_due" ON "kernel_outbox" ("state", "available_at");
CREATE TABLE "kernel_subject_key" ( "subject_id" uuid_text NOT NULL PRIMARY KEY,
  "sealed_key" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808) );
CREATE TABLE "ledger_book" ( "account_id" uuid_text NOT NULL PRIMARY KEY,
  "account_kind" text NOT NULL,
  "balance" integer NOT NULL CHECK (balance = CAST(balance AS BIGINT) AND balance > -9223372036854775808),
  "held" integer NOT NULL CHECK (held = CAST(held AS BIGINT) AND held > -9223372036854775808),
  "outstanding" integer NOT NULL CHECK (outstanding = CAST(outstanding AS BIGINT) AND outstanding > -9223372036854775808),
  "postpaid_limit" integer NOT NULL CHECK (postpaid_limit = CAST(postpaid_limit AS BIGINT) AND postpaid_limit > -9223372036854775808),
  "remainder_nanos" integer NOT NULL CHECK (remainder_nanos = CAST(remainder_nanos AS BIGINT) AND remainder_nanos > -9223372036854775808),
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808), CHECK (remainder_nanos BETWEEN 0 AND 999) );
CREATE TABLE "ledger_entry" ( "account_id" uuid_text NOT NULL,
  "posting_id" uuid_text NOT NULL,
  "position" integer NOT NULL CHECK (position = CAST(position AS BIGINT) AND position > -9223372036854775808),
  "account" text NOT NULL,
  "amount" integer NOT NULL CHECK (amount = CAST(amount AS BIGINT) AND amount > -9223372036854775808),
  "lot_id" uuid_text NULL, PRIMARY KEY ("account_id",
  "posting_id",
  "position") );
CREATE INDEX "ledger_entry_lot" ON "ledger_entry" ("account_id", "lot_id");
CREATE TRIGGER ledger_entry_refuses_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TRIGGER ledger_entry_refuses_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TABLE "ledger_lot" ( "account_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "kind" text NOT NULL,
  "granted" integer NOT NULL CHECK (granted = CAST(granted AS BIGINT) AND granted > -9223372036854775808),
  "remaining" integer NOT NULL CHECK (remaining = CAST(remaining AS BIGINT) AND remaining > -9223372036854775808),
  "priority" integer NOT NULL CHECK (priority = CAST(priority AS BIGINT) AND priority > -9223372036854775808),
  "expires_at" integer NULL CHECK (expires_at IS NULL OR (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808)),
  "promotional" boolean NOT NULL,
  "granted_at" integer NOT NULL CHECK (granted_at = CAST(granted_at AS BIGINT) AND granted_at > -9223372036854775808),
  "closed_at" integer NULL CHECK (closed_at IS NULL OR (closed_at = CAST(closed_at AS BIGINT) AND closed_at > -9223372036854775808)), PRIMARY KEY ("account_id",
  "id"), CHECK (remaining BETWEEN 0 AND granted) );
CREATE INDEX "ledger_lot_expiring" ON "ledger_lot" ("expires_at") WHERE "closed_at" IS NULL;
CREATE INDEX "ledger_lot_open" ON "ledger_lot" ("account_id") WHERE "closed_at" IS NULL;
CREATE TABLE "ledger_payment" ( "account_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "for_organization" boolean NOT NULL,
  "creator_id" uuid_text NOT NULL,
  "kind" text NOT NULL,
  "status" text NOT NULL,
  "amount_cents" integer NOT NULL CHECK (amount_cents = CAST(amount_cents AS BIGINT) AND amount_cents > -9223372036854775808),
  "currency" text NOT NULL,
  "credits" integer NOT NULL CHECK (credits = CAST(credits AS BIGINT) AND credits > -9223372036854775808),
  "provider" text NOT NULL,
  "provider_session_id" text NULL,
  "provider_payment_id" text NULL,
  "receipt_url" text NULL,
  "failure_reason" text NULL,
  "card_brand" text NULL,
  "card_last4" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "paid_at" integer NULL CHECK (paid_at IS NULL OR (paid_at = CAST(paid_at AS BIGINT) AND paid_at > -9223372036854775808)), PRIMARY KEY ("account_id",
  "id"), CHECK (amount_cents > 0 AND credits > 0), CHECK ((paid_at IS NOT NULL) = (status IN ('succeeded', 'refunded'))) );
CREATE INDEX "ledger_payment_paid" ON "ledger_payment" ("account_id", "paid_at", "id") WHERE "paid_at" IS NOT NULL;
CREATE UNIQUE INDEX "ledger_payment_provider_payment" ON "ledger_payment" ("provider_payment_id", "provider");
CREATE UNIQUE INDEX "ledger_payment_session" ON "ledger_payment" ("provider_session_id", "provider");
CREATE TABLE "ledger_posting" ( "account_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "kind" text NOT NULL,
  "reference" text NOT NULL,
  "content_hash" text NOT NULL,
  "description" text NOT NULL,
  "actor" text NOT NULL,
  "tokens" integer NOT NULL CHECK (tokens = CAST(tokens AS BIGINT) AND tokens > -9223372036854775808),
  "traffic_source" text NULL,
  "reverses" uuid_text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808), PRIMARY KEY ("account_id",
  "id") );
CREATE INDEX "ledger_posting_newest" ON "ledger_posting" ("account_id", "created_at", "id");
CREATE UNIQUE INDEX "ledger_posting_reference" ON "ledger_posting" ("account_id", "reference");
CREATE TRIGGER ledger_posting_refuses_delete BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END;
CREATE TRIGGER ledger_posting_refuses_update BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_posting is append-only'); END;
CREATE UNIQUE INDEX "ledger_posting_reversal" ON "ledger_posting" ("account_id", "reverses") WHERE "kind" = ('refund');
CREATE INDEX "ledger_posting_reverses" ON "ledger_posting" ("account_id", "reverses") WHERE "reverses" IS NOT NULL;
CREATE TABLE "ledger_provider_event" ( "provider" text NOT NULL,
  "event_id" text NOT NULL,
  "event_type" text NOT NULL,
  "body" text NOT NULL,
  "received_at" integer NOT NULL CHECK (received_at = CAST(received_at AS BIGINT) AND received_at > -9223372036854775808),
  "processed_at" integer NULL CHECK (processed_at IS NULL OR (processed_at = CAST(processed_at AS BIGINT) AND processed_at > -9223372036854775808)), PRIMARY KEY ("provider",
  "event_id") );
CREATE TABLE "metering_level" ( "account_id" uuid_text NOT NULL,
  "meter" text NOT NULL,
  "size" text NOT NULL,
  "window_start" integer NOT NULL CHECK (window_start = CAST(window_start AS BIGINT) AND window_start > -9223372036854775808),
  "group_hash" uuid_text NOT NULL,
  "detail" text NULL,
  "group_values" text NOT NULL,
  "max_micros" integer NOT NULL CHECK (max_micros = CAST(max_micros AS BIGINT) AND max_micros > -9223372036854775808),
  "latest_micros" integer NOT NULL CHECK (latest_micros = CAST(latest_micros AS BIGINT) AND latest_micros > -9223372036854775808),
  "latest_at" integer NOT NULL CHECK (latest_at = CAST(latest_at AS BIGINT) AND latest_at > -9223372036854775808), PRIMARY KEY ("account_id",
  "meter",
  "size",
  "window_start",
  "group_hash") );
CREATE TABLE "metering_sum" ( "account_id" uuid_text NOT NULL,
  "event_type" text NOT NULL,
  "size" text NOT NULL,
  "window_start" integer NOT NULL CHECK (window_start = CAST(window_start AS BIGINT) AND window_start > -9223372036854775808),
  "group_hash" uuid_text NOT NULL,
  "meters" text NOT NULL,
  "detail" text NULL,
  "group_values" text NOT NULL,
  "event_count" integer NOT NULL CHECK (event_count = CAST(event_count AS BIGINT) AND event_count > -9223372036854775808),
  "sum0_whole" integer NOT NULL CHECK (sum0_whole = CAST(sum0_whole AS BIGINT) AND sum0_whole > -9223372036854775808),
  "sum0_micros" integer NOT NULL CHECK (sum0_micros = CAST(sum0_micros AS BIGINT) AND sum0_micros > -9223372036854775808),
  "sum1_whole" integer NOT NULL CHECK (sum1_whole = CAST(sum1_whole AS BIGINT) AND sum1_whole > -9223372036854775808),
  "sum1_micros" integer NOT NULL CHECK (sum1_micros = CAST(sum1_micros AS BIGINT) AND sum1_micros > -9223372036854775808),
  "sum2_whole" integer NOT NULL CHECK (sum2_whole = CAST(sum2_whole AS BIGINT) AND sum2_whole > -9223372036854775808),
  "sum2_micros" integer NOT NULL CHECK (sum2_micros = CAST(sum2_micros AS BIGINT) AND sum2_micros > -9223372036854775808),
  "sum3_whole" integer NOT NULL CHECK (sum3_whole = CAST(sum3_whole AS BIGINT) AND sum3_whole > -9223372036854775808),
  "sum3_micros" integer NOT NULL CHECK (sum3_micros = CAST(sum3_micros AS BIGINT) AND sum3_micros > -9223372036854775808),
  "sum4_whole" integer NOT NULL CHECK (sum4_whole = CAST(sum4_whole AS BIGINT) AND sum4_whole > -9223372036854775808),
  "sum4_micros" integer NOT NULL CHECK (sum4_micros = CAST(sum4_micros AS BIGINT) AND sum4_micros > -9223372036854775808),
  "sum5_whole" integer NOT NULL CHECK (sum5_whole = CAST(sum5_whole AS BIGINT) AND sum5_whole > -9223372036854775808),
  "sum5_micros" integer NOT NULL CHECK (sum5_micros = CAST(sum5_micros AS BIGINT) AND sum5_micros > -9223372036854775808),
  "sum6_whole" integer NOT NULL CHECK (sum6_whole = CAST(sum6_whole AS BIGINT) AND sum6_whole > -9223372036854775808),
  "sum6_micros" integer NOT NULL CHECK (sum6_micros = CAST(sum6_micros AS BIGINT) AND sum6_micros > -9223372036854775808),
  "sum7_whole" integer NOT NULL CHECK (sum7_whole = CAST(sum7_whole AS BIGINT) AND sum7_whole > -9223372036854775808),
  "sum7_micros" integer NOT NULL CHECK (sum7_micros = CAST(sum7_micros AS BIGINT) AND sum7_micros > -9223372036854775808), PRIMARY KEY ("account_id",
  "event_type",
  "size",
  "window_start",
  "group_hash") );
CREATE TABLE "metering_unique" ( "account_id" uuid_text NOT NULL,
  "meter" text NOT NULL,
  "size" text NOT NULL,
  "window_start" integer NOT NULL CHECK (window_start = CAST(window_start AS BIGINT) AND window_start > -9223372036854775808),
  "group_hash" uuid_text NOT NULL,
  "value_hash" uuid_text NOT NULL,
  "detail" text NULL,
  "group_values" text NOT NULL, PRIMARY KEY ("account_id",
  "meter",
  "size",
  "window_start",
  "group_hash",
  "value_hash") );
CREATE TABLE "metering_usage" ( "account_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "source" text NOT NULL,
  "event_id" text NOT NULL,
  "content_hash" text NOT NULL,
  "event_type" text NOT NULL,
  "billable" boolean NOT NULL,
  "detail" text NULL,
  "user_id" uuid_text NULL,
  "api_key_id" uuid_text NULL,
  "generation_id" text NOT NULL,
  "provider" text NOT NULL,
  "model" text NOT NULL,
  "model_type" text NOT NULL,
  "operation" text NOT NULL,
  "traffic_source" text NULL,
  "prompt_tokens" integer NOT NULL CHECK (prompt_tokens = CAST(prompt_tokens AS BIGINT) AND prompt_tokens > -9223372036854775808),
  "completion_tokens" integer NOT NULL CHECK (completion_tokens = CAST(completion_tokens AS BIGINT) AND completion_tokens > -9223372036854775808),
  "cached_tokens" integer NOT NULL CHECK (cached_tokens = CAST(cached_tokens AS BIGINT) AND cached_tokens > -9223372036854775808),
  "cost_usd_e8" integer NOT NULL CHECK (cost_usd_e8 = CAST(cost_usd_e8 AS BIGINT) AND cost_usd_e8 > -9223372036854775808),
  "credits_used" integer NOT NULL CHECK (credits_used = CAST(credits_used AS BIGINT) AND credits_used > -9223372036854775808),
  "posting_id" uuid_text NULL,
  "metadata" text NOT NULL,
  "payload" text NULL,
  "event_time" integer NOT NULL CHECK (event_time = CAST(event_time AS BIGINT) AND event_time > -9223372036854775808),
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808), PRIMARY KEY ("account_id",
  "id"), CHECK (cost_usd_e8 >= 0 AND credits_used >= 0) );
CREATE INDEX "metering_usage_by_event_time" ON "metering_usage" ("account_id", "event_type", "event_time");
CREATE UNIQUE INDEX "metering_usage_event" ON "metering_usage" ("account_id", "source", "event_id");
CREATE INDEX "metering_usage_newest" ON "metering_usage" ("account_id", "billable", "created_at", "id");
CREATE INDEX "metering_usage_newest_of_user" ON "metering_usage" ("account_id", "user_id", "billable", "created_at", "id");
CREATE TABLE "notifications_sandbox_mail" ( "id" uuid_text NOT NULL PRIMARY KEY,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "sealed" text NOT NULL );
CREATE TABLE "orgs_active_account" ( "user_id" uuid_text NOT NULL PRIMARY KEY,
  "organization_id" uuid_text NULL,
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808), FOREIGN KEY ("organization_id") REFERENCES "orgs_organization" ("id") );
CREATE TABLE "orgs_external_member" ( "organization_id" uuid_text NOT NULL,
  "identity" blob(32) NOT NULL,
  "admitted_at" integer NOT NULL CHECK (admitted_at = CAST(admitted_at AS BIGINT) AND admitted_at > -9223372036854775808), PRIMARY KEY ("organization_id",
  "identity"), FOREIGN KEY ("organization_id") REFERENCES "orgs_organization" ("id") );
CREATE TABLE "orgs_external_organization" ( "digest" blob(32) NOT NULL PRIMARY KEY,
  "issuer" text NOT NULL,
  "external_id" text NOT NULL,
  "organization_id" uuid_text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808), FOREIGN KEY ("organization_id") REFERENCES "orgs_organization" ("id") );
CREATE INDEX "orgs_external_organization_organization" ON "orgs_external_organization" ("organization_id");
CREATE TABLE "orgs_invite" ( "organization_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "email" text NOT NULL,
  "email_folded" text NOT NULL,
  "role" text NOT NULL,
  "invited_by" uuid_text NOT NULL,
  "token_hash" text NOT NULL,
  "state" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "expires_at" integer NOT NULL CHECK (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808),
  "ended_at" integer NULL CHECK (ended_at IS NULL OR (ended_at = CAST(ended_at AS BIGINT) AND ended_at > -9223372036854775808)),
  "accepted_by" uuid_text NULL,
  "membership_id" uuid_text NULL, PRIMARY KEY ("organization_id",
  "id"), FOREIGN KEY ("organization_id") REFERENCES "orgs_organization" ("id") );
CREATE INDEX "orgs_invite_email_folded" ON "orgs_invite" ("email_folded");
CREATE INDEX "orgs_invite_newest" ON "orgs_invite" ("organization_id", "state", "created_at", "id");
CREATE UNIQUE INDEX "orgs_invite_pending" ON "orgs_invite" ("organization_id", "email_folded") WHERE "state" = 'pending';
CREATE UNIQUE INDEX "orgs_invite_token_hash" ON "orgs_invite" ("token_hash");
CREATE TABLE "orgs_membership" ( "organization_id" uuid_text NOT NULL,
  "id" uuid_text NOT NULL,
  "user_id" uuid_text NOT NULL,
  "role" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808), PRIMARY KEY ("organization_id",
  "id"), FOREIGN KEY ("organization_id") REFERENCES "orgs_organization" ("id") );
CREATE INDEX "orgs_membership_newest" ON "orgs_membership" ("organization_id", "created_at", "id");
CREATE UNIQUE INDEX "orgs_membership_organization_user" ON "orgs_membership" ("organization_id", "user_id");
CREATE INDEX "orgs_membership_user" ON "orgs_membership" ("user_id", "created_at", "id");
CREATE TABLE "orgs_organization" ( "id" uuid_text NOT NULL PRIMARY KEY,
  "name" text NOT NULL,
  "slug" text NOT NULL,
  "remote_config_enabled" boolean NOT NULL,
  "default_remote_config" text NULL,
  "external_organization_id" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808),
  "deleted_at" integer NULL CHECK (deleted_at IS NULL OR (deleted_at = CAST(deleted_at AS BIGINT) AND deleted_at > -9223372036854775808)) );
CREATE UNIQUE INDEX "orgs_organization_slug" ON "orgs_organization" ("slug");
CREATE TABLE "orgs_provider_key" ( "organization_id" uuid_text NOT NULL,
  "provider" text NOT NULL,
  "sealed_key" text NOT NULL,
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808), PRIMARY KEY ("organization_id",
  "provider"), FOREIGN KEY ("organization_id") REFERENCES "orgs_organization" ("id") );
CREATE TABLE "plans_account" ( "account_id" uuid_text NOT NULL PRIMARY KEY,
  "plan_id" uuid_text NOT NULL,
  "seats" integer NULL CHECK (seats IS NULL OR (seats = CAST(seats AS BIGINT) AND seats > -9223372036854775808)),
  "since" integer NOT NULL CHECK (since = CAST(since AS BIGINT) AND since > -9223372036854775808),
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808), FOREIGN KEY ("plan_id") REFERENCES "plans_version" ("id") );
CREATE TABLE "plans_version" ( "id" uuid_text NOT NULL PRIMARY KEY,
  "key" text NOT NULL,
  "interval" text NOT NULL,
  "version" integer NOT NULL CHECK (version = CAST(version AS BIGINT) AND version > -9223372036854775808),
  "position" integer NOT NULL CHECK (position = CAST(position AS BIGINT) AND position > -9223372036854775808),
  "price_cents" integer NOT NULL CHECK (price_cents = CAST(price_cents AS BIGINT) AND price_cents > -9223372036854775808),
  "terms" text NOT NULL,
  "terms_hash" text NOT NULL,
  "is_active" boolean NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "updated_at" integer NOT NULL CHECK (updated_at = CAST(updated_at AS BIGINT) AND updated_at > -9223372036854775808) );
CREATE UNIQUE INDEX "plans_version_key_interval_version" ON "plans_version" ("key", "interval", "version");
CREATE TABLE "sandbox_checkout" ( "id" text NOT NULL PRIMARY KEY,
  "idempotency_key" text NOT NULL,
  "payment_id" uuid_text NOT NULL,
  "amount_cents" integer NOT NULL CHECK (amount_cents = CAST(amount_cents AS BIGINT) AND amount_cents > -9223372036854775808),
  "currency" text NOT NULL,
  "description" text NOT NULL,
  "status" text NOT NULL,
  "success_url" text NULL,
  "cancel_url" text NULL,
  "provider_payment_id" text NOT NULL,
  "card_brand" text NULL,
  "card_last4" text NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808),
  "expires_at" integer NOT NULL CHECK (expires_at = CAST(expires_at AS BIGINT) AND expires_at > -9223372036854775808) );
CREATE UNIQUE INDEX "sandbox_checkout_idempotency_key" ON "sandbox_checkout" ("idempotency_key");
CREATE TABLE "sandbox_secret" ( "name" text NOT NULL PRIMARY KEY,
  "sealed" text NOT NULL,
  "created_at" integer NOT NULL CHECK (created_at = CAST(created_at AS BIGINT) AND created_at > -9223372036854775808) );
