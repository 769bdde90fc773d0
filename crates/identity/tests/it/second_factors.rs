use std::time::Duration;

use bursar_identity::{Enrolment, FactorCheck, FactorState, SeaSecondFactors, SecondFactors, error};
use bursar_kernel::{Db, MasterKey, Result, Sealer, Secret, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use totp_rs::{Builder, Totp};

use crate::{assert_nowhere_in_clear, committed_person};

const STEP: Duration = Duration::from_secs(30);

fn factors() -> SeaSecondFactors {
    SeaSecondFactors::new(Sealer::new(&MasterKey::from_bytes([1; 32]), &[]))
}

/// What a person holds in its hand.
struct Authenticator(Totp);

impl Authenticator {
    fn new(enrolment: &Enrolment) -> Self {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let (mut secret, mut bits, mut held) = ([0; 20], 0_usize, 0);
        let mut bytes = secret.iter_mut();
        for letter in enrolment.secret_base32.expose().bytes() {
            bits = (bits << 5 | letters.iter().position(|&known| known == letter).unwrap()) & 0xfff;
            held += 5;
            if held >= 8 {
                held -= 8;
                *bytes.next().unwrap() = u8::try_from(bits >> held & 0xff).unwrap();
            }
        }
        Self(Builder::new().with_secret(totp_rs::Secret::new_stack(secret)).build().unwrap())
    }

    fn code(&self, test: &TestDb) -> String {
        self.0.generate(u64::try_from(test.db.reader().now().seconds()).unwrap()).to_string()
    }
}

async fn begin(test: &TestDb, user: UserId) -> Result<Authenticator> {
    let mut tx = test.db.begin().await.unwrap();
    let enrolment = factors().begin(&mut tx, user, "Bursar", "ada@example.com").await;
    tx.commit().await.unwrap();
    enrolment.map(|enrolment| Authenticator::new(&enrolment))
}

async fn confirm(db: &Db, user: UserId, code: &str) -> Result<Option<Vec<Secret<String>>>> {
    let mut tx = db.begin().await.unwrap();
    let codes = factors().confirm(&mut tx, user, code).await;
    tx.commit().await.unwrap();
    codes
}

async fn check(db: &Db, user: UserId, code: &str) -> FactorCheck {
    let mut tx = db.begin().await.unwrap();
    let verdict = factors().check(&mut tx, user, code).await.unwrap();
    tx.commit().await.unwrap();
    verdict
}

async fn state(test: &TestDb, user: UserId) -> FactorState {
    factors().state(test.db.reader(), user).await.unwrap()
}

async fn codes_left(test: &TestDb, user: UserId) -> u32 {
    match state(test, user).await {
        FactorState::On { recovery_codes_left, .. } => recovery_codes_left,
        other => panic!("{other:?}"),
    }
}

/// A person whose second factor is on, in a step whose code has not been used.
async fn turned_on(test: &TestDb, user: UserId) -> (Authenticator, Vec<Secret<String>>) {
    let authenticator = begin(test, user).await.unwrap();
    let codes = confirm(&test.db, user, &authenticator.code(test)).await.unwrap().unwrap();
    test.clock.advance(STEP);
    (authenticator, codes)
}

#[tokio::test]
async fn a_second_factor_is_on_once_its_first_code_came_back() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        assert_eq!(state(&test, user).await, FactorState::Off);
        let authenticator = begin(&test, user).await.unwrap();
        assert_eq!(state(&test, user).await, FactorState::Pending);
        let code = authenticator.code(&test);
        assert_eq!(check(&test.db, user, &code).await, FactorCheck::Off, "nothing asks for it yet");
        for wrong in ["", "000000", &code[1..], "00000-00000"] {
            assert!(confirm(&test.db, user, wrong).await.unwrap().is_none(), "{wrong}");
        }
        assert_eq!(state(&test, user).await, FactorState::Pending);
        let codes = confirm(&test.db, user, &code).await.unwrap().unwrap();
        let since = test.db.reader().now();
        assert_eq!(state(&test, user).await, FactorState::On { recovery_codes_left: 10, since });
        assert_eq!(codes.len(), 10);
        let mut different: Vec<_> = codes.iter().map(|code| code.expose().clone()).collect();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), 10);
    })
    .await;
}

#[tokio::test]
async fn a_code_is_right_once_and_the_first_one_was_used_to_turn_it_on() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let authenticator = begin(&test, user).await.unwrap();
        let first = authenticator.code(&test);
        confirm(&test.db, user, &first).await.unwrap().unwrap();
        assert_eq!(check(&test.db, user, &first).await, FactorCheck::Wrong);
        test.clock.advance(STEP);
        let second = authenticator.code(&test);
        let typed = format!(" {} {}\n", &second[..3], &second[3..]);
        assert_eq!(check(&test.db, user, &typed).await, FactorCheck::Right);
        assert_eq!(check(&test.db, user, &second).await, FactorCheck::Wrong);
        assert_eq!(check(&test.db, user, &first).await, FactorCheck::Wrong, "one of before neither");
        test.clock.advance(STEP * 2);
        let third = authenticator.code(&test);
        test.clock.advance(STEP);
        assert_eq!(check(&test.db, user, &third).await, FactorCheck::Right, "typed late");
        test.clock.advance(STEP);
        let fourth = authenticator.code(&test);
        test.clock.advance(STEP * 2);
        assert_eq!(check(&test.db, user, &fourth).await, FactorCheck::Wrong, "typed too late");
    })
    .await;
}

#[tokio::test]
async fn of_64_parallel_tries_with_one_code_exactly_one_passes() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (authenticator, codes) = turned_on(&test, user).await;
        for (code, right) in [
            (authenticator.code(&test), FactorCheck::Right),
            (codes[0].expose().clone(), FactorCheck::RightByRecoveryCode),
        ] {
            let mut tries = JoinSet::new();
            for _ in 0..64 {
                let (db, code) = (test.db.clone(), code.clone());
                tries.spawn(async move { check(&db, user, &code).await });
            }
            let outcomes = tries.join_all().await;
            assert_eq!(outcomes.iter().filter(|outcome| **outcome == right).count(), 1);
            assert_eq!(outcomes.iter().filter(|outcome| **outcome == FactorCheck::Wrong).count(), 63);
        }
    })
    .await;
}

#[tokio::test]
async fn of_many_who_confirm_at_once_one_gets_the_recovery_codes() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let code = begin(&test, user).await.unwrap().code(&test);
        let mut tries = JoinSet::new();
        for _ in 0..16 {
            let (db, code) = (test.db.clone(), code.clone());
            tries.spawn(async move { confirm(&db, user, &code).await });
        }
        let outcomes = tries.join_all().await;
        let on =
            |outcome: &Result<_>| outcome.as_ref().is_err_and(|refused| refused.is(&error::SECOND_FACTOR_ON));
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Some(_)))).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| on(outcome)).count(), 15);
        assert_eq!(codes_left(&test, user).await, 10);
    })
    .await;
}

#[tokio::test]
async fn each_recovery_code_is_good_once_however_it_is_typed() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (_, codes) = turned_on(&test, user).await;
        for (used, code) in codes.iter().enumerate() {
            let typed = if used % 2 == 0 {
                code.expose().clone()
            } else {
                code.expose().replace('-', " ").to_uppercase()
            };
            assert_eq!(check(&test.db, user, &typed).await, FactorCheck::RightByRecoveryCode);
            assert_eq!(check(&test.db, user, code.expose()).await, FactorCheck::Wrong);
            assert_eq!(codes_left(&test, user).await, 9 - u32::try_from(used).unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn one_persons_codes_are_not_anothers() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        let (authenticator, codes) = turned_on(&test, ada).await;
        turned_on(&test, bob).await;
        for code in [authenticator.code(&test).as_str(), codes[0].expose()] {
            assert_eq!(check(&test.db, bob, code).await, FactorCheck::Wrong);
        }
        assert_eq!(codes_left(&test, ada).await, 10);
    })
    .await;
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_old_ones() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let renew = async || {
            let mut tx = test.db.begin().await.unwrap();
            let codes = factors().renew_recovery_codes(&mut tx, user).await.unwrap();
            tx.commit().await.unwrap();
            codes
        };
        assert!(renew().await.is_none());
        begin(&test, user).await.unwrap();
        assert!(renew().await.is_none(), "it is not on yet");
        let (_, old) = turned_on(&test, user).await;
        check(&test.db, user, old[0].expose()).await;
        let new = renew().await.unwrap();
        assert_eq!((new.len(), codes_left(&test, user).await), (10, 10));
        assert_eq!(check(&test.db, user, old[1].expose()).await, FactorCheck::Wrong);
        assert_eq!(check(&test.db, user, new[1].expose()).await, FactorCheck::RightByRecoveryCode);
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_was_not_confirmed_is_replaced_and_one_that_was_is_not() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let refused = confirm(&test.db, user, "000000").await.unwrap_err();
        assert!(refused.is(&error::SECOND_FACTOR_OFF));
        let lost = begin(&test, user).await.unwrap();
        let kept = begin(&test, user).await.unwrap();
        assert!(confirm(&test.db, user, &lost.code(&test)).await.unwrap().is_none());
        let code = kept.code(&test);
        confirm(&test.db, user, &code).await.unwrap().unwrap();
        assert!(begin(&test, user).await.err().unwrap().is(&error::SECOND_FACTOR_ON));
        assert!(confirm(&test.db, user, &code).await.unwrap_err().is(&error::SECOND_FACTOR_ON));
        test.clock.advance(STEP);
        assert_eq!(check(&test.db, user, &kept.code(&test)).await, FactorCheck::Right);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_that_was_removed_asks_for_nothing_and_can_be_set_up_anew() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let remove = async || {
            let mut tx = test.db.begin().await.unwrap();
            let removed = factors().remove(&mut tx, user).await.unwrap();
            tx.commit().await.unwrap();
            removed
        };
        assert!(!remove().await);
        let (authenticator, codes) = turned_on(&test, user).await;
        assert!(remove().await);
        assert!(!remove().await);
        assert_eq!(state(&test, user).await, FactorState::Off);
        for code in [authenticator.code(&test).as_str(), codes[0].expose(), "", "000000"] {
            assert_eq!(check(&test.db, user, code).await, FactorCheck::Off);
        }
        let (authenticator, _) = turned_on(&test, user).await;
        assert_eq!(check(&test.db, user, codes[0].expose()).await, FactorCheck::Wrong);
        assert_eq!(check(&test.db, user, &authenticator.code(&test)).await, FactorCheck::Right);
    })
    .await;
}

#[tokio::test]
async fn whoever_reads_the_database_can_make_no_code() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let mut tx = test.db.begin().await.unwrap();
        let enrolment = factors().begin(&mut tx, ada, "Bursar", "ada@example.com").await.unwrap();
        tx.commit().await.unwrap();
        assert_nowhere_in_clear(&test, enrolment.secret_base32.expose()).await;
        let code = Authenticator::new(&enrolment).code(&test);
        for code in confirm(&test.db, ada, &code).await.unwrap().unwrap() {
            assert_nowhere_in_clear(&test, &code.expose().replace('-', "")).await;
        }
        // What is sealed belongs to its row: it cannot be made somebody else's second factor.
        let sealed = test.texts("SELECT sealed_keys FROM identity_second_factor").await.remove(0);
        let bob = committed_person(&test, "bob@example.com").await.id;
        turned_on(&test, bob).await;
        test.execute(&format!("UPDATE identity_second_factor SET sealed_keys = '{sealed}'")).await.unwrap();
        let mut tx = test.db.begin().await.unwrap();
        assert_eq!(factors().check(&mut tx, bob, "000000").await.unwrap_err().code(), "internal");
        let other_key = SeaSecondFactors::new(Sealer::new(&MasterKey::from_bytes([2; 32]), &[]));
        assert_eq!(other_key.check(&mut tx, ada, "000000").await.unwrap_err().code(), "internal");
    })
    .await;
}

#[tokio::test]
async fn a_check_that_is_rolled_back_uses_nothing_up() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (authenticator, codes) = turned_on(&test, user).await;
        let before = test.dump().await;
        for code in [authenticator.code(&test).as_str(), codes[0].expose()] {
            let mut tx = test.db.begin().await.unwrap();
            assert_ne!(factors().check(&mut tx, user, code).await.unwrap(), FactorCheck::Wrong);
            tx.rollback().await.unwrap();
        }
        assert_eq!(test.dump().await, before);
        assert_eq!(check(&test.db, user, "nonsense 🦀").await, FactorCheck::Wrong);
        assert_eq!(test.dump().await, before);
    })
    .await;
}
