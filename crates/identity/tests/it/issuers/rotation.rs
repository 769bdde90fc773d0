use std::time::Duration;

use bursar_testkit::issuer::JwksAnswer;
use serde_json::json;
use tokio::task::JoinSet;

use super::World;
use crate::MOMENT;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_new_key_is_known_after_a_minute_and_the_old_one_goes_on() {
    let world = World::new().await;
    let old = world.long_token();
    assert_eq!(world.refusal(&old).await, None);
    world.local.rotate();
    let new = world.long_token();
    assert_eq!(world.refusal(&new).await, Some("invalid_token"), "the keys were asked for just now");
    world.later(MINUTE);
    assert_eq!((world.refusal(&new).await, world.refusal(&old).await), (None, None));
    assert_eq!(world.local.jwks_fetches(), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_refused_within_the_hour() {
    let world = World::new().await;
    let old = world.long_token();
    assert_eq!(world.refusal(&old).await, None);
    world.local.rotate();
    world.local.withdraw_old_keys();
    let hour_old = world.now().after(HOUR);
    world.clock.set(hour_old.before(MOMENT));
    assert_eq!(world.refusal(&old).await, None);
    world.clock.set(hour_old);
    assert_eq!(world.refusal(&old).await, Some("invalid_token"));
    assert_eq!(world.refusal(&world.long_token()).await, None);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_refused_as_soon_as_a_new_one_is_seen() {
    let world = World::new().await;
    let old = world.long_token();
    assert_eq!(world.refusal(&old).await, None);
    world.local.rotate();
    world.local.withdraw_old_keys();
    world.later(MINUTE);
    assert_eq!(world.refusal(&world.long_token()).await, None);
    assert_eq!(world.refusal(&old).await, Some("invalid_token"));
}

/// The refusals of as many tokens at once, each by another key that nobody has.
async fn storm(world: &World, tokens: usize) -> Vec<Option<&'static str>> {
    let mut asked = JoinSet::new();
    for number in 0..tokens {
        let header = json!({"kid": format!("invented-{number}")});
        let token = world.local.sign_with(header, world.local.claims("user_1"));
        let (issuers, issuer, now) = (world.issuers.clone(), world.issuer().clone(), world.now());
        asked.spawn(
            async move { issuers.verify(&issuer, &token, now).await.err().map(|refused| refused.code()) },
        );
    }
    asked.join_all().await
}

#[tokio::test]
async fn a_storm_of_invented_keys_asks_the_issuer_once_a_minute() {
    let world = World::new().await;
    for minute in 1..=3 {
        let refusals = storm(&world, 200).await;
        assert!(refusals.iter().all(|refusal| *refusal == Some("invalid_token")), "{refusals:?}");
        assert_eq!(world.local.jwks_fetches(), minute);
        assert_eq!(world.refusal(&world.long_token()).await, None, "a known key is not in its way");
        world.later(MINUTE);
    }
}

#[tokio::test]
async fn a_storm_on_an_issuer_that_is_down_asks_it_once_a_minute() {
    let world = World::new().await;
    world.local.serve_jwks_as(JwksAnswer::Status(503));
    for minute in 1..=2 {
        let refusals = storm(&world, 200).await;
        assert!(refusals.iter().all(|refusal| *refusal == Some("issuer_unavailable")), "{refusals:?}");
        assert_eq!(world.local.jwks_fetches(), minute);
        world.later(MINUTE);
    }
}

#[tokio::test]
async fn while_an_issuer_is_down_known_keys_go_on_for_a_day_and_unknown_ones_are_to_be_tried_again() {
    let world = World::new().await;
    let known = world.long_token();
    assert_eq!(world.refusal(&known).await, None);
    world.local.serve_jwks_as(JwksAnswer::Status(500));
    world.local.rotate();
    let unknown = world.long_token();
    world.later(MINUTE);
    assert_eq!(world.refusal(&unknown).await, Some("issuer_unavailable"));
    assert_eq!(world.refusal(&known).await, None);
    world.later(HOUR);
    assert_eq!(world.refusal(&known).await, None, "past the hour too");
    world.local.serve_jwks_as(JwksAnswer::Keys);
    world.later(MINUTE);
    assert_eq!(world.refusal(&unknown).await, None);

    world.local.serve_jwks_as(JwksAnswer::Status(500));
    world.later(Duration::from_mins(23 * 60 - 1));
    let day_old = world.long_token();
    assert_eq!(world.refusal(&day_old).await, None);
    world.later(HOUR + MINUTE);
    assert_eq!(world.refusal(&day_old).await, Some("issuer_unavailable"), "nobody knows any more");
}

#[tokio::test]
async fn an_issuer_that_never_answered_refuses_nobody_for_good() {
    for answer in [
        JwksAnswer::Status(404),
        JwksAnswer::Body(b"<html>".to_vec()),
        JwksAnswer::Body(vec![b' '; 300 * 1024]),
    ] {
        let world = World::new().await;
        world.local.serve_jwks_as(answer.clone());
        assert_eq!(world.refusal(&world.long_token()).await, Some("issuer_unavailable"), "{answer:?}");
        world.local.serve_jwks_as(JwksAnswer::Keys);
        world.later(MINUTE);
        assert_eq!(world.refusal(&world.long_token()).await, None, "{answer:?}");
    }
}
