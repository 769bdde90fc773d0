//! The migrations on both engines: up, down and up again, each domain alone, and the schema that
//! they make against the entities that the domains read it with.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alone;
mod drift;
mod moved;
mod up_and_down;
