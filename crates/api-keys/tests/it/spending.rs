use bursar_api_keys::{
    ApiKey, ApiKeyId, ApiKeys, KeyChange, KeySpending, NewKey, SeaApiKeys, SeaKeySpending, SpendLimit,
    SpendWindow, Spent,
};
use bursar_kernel::{Account, AccountId, Amount, Db, Result, UnixTimestamp};
use bursar_testkit::for_each_engine;
use uuid::Uuid;

use crate::world::{at_once, create, new_key, organization, own, person, revoke};

const fn micros(micros: i64) -> Amount {
    Amount::from_micros(micros)
}

const fn taken(left: i64) -> Spent {
    Spent::Taken { left: Some(micros(left)) }
}

const fn exceeded(left: i64) -> Spent {
    Spent::Exceeded { left: micros(left) }
}

/// A key of the first person's that may spend so much.
async fn limited(db: &Db, amount: i64, window: SpendWindow) -> ApiKey {
    let spend_limit = Some(SpendLimit { amount: micros(amount), window });
    let new = NewKey { spend_limit, ..new_key(Account::Personal(person(1)), person(1)) };
    create(db, new).await.unwrap().key
}

async fn spend(db: &Db, key: &ApiKey, cost: i64) -> Result<Spent> {
    let mut tx = db.begin().await?;
    let spent = SeaKeySpending.spend(&mut tx, key, micros(cost)).await?;
    tx.commit().await?;
    Ok(spent)
}

async fn charge(db: &Db, costs: &[(AccountId, ApiKeyId, Amount)]) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let charged = SeaKeySpending.charged(&mut tx, costs).await.unwrap();
    tx.commit().await.unwrap();
    charged
}

async fn spent(db: &Db, key: &ApiKey) -> i64 {
    SeaKeySpending.spent(db.reader(), key).await.unwrap().micros()
}

#[tokio::test]
async fn a_key_spends_to_its_limit_and_not_a_micro_further() {
    for_each_engine(|test| async move {
        let key = limited(&test.db, 10, SpendWindow::Total).await;
        let (first, rest) = (spend(&test.db, &key, 4).await, spend(&test.db, &key, 7).await);
        assert_eq!((first.unwrap(), rest.unwrap()), (taken(6), exceeded(6)));
        assert_eq!(spent(&test.db, &key).await, 4, "what was refused is not written");
        assert_eq!(spend(&test.db, &key, 0).await.unwrap(), taken(6));
        assert_eq!(spend(&test.db, &key, 6).await.unwrap(), taken(0));
        assert_eq!(spend(&test.db, &key, 1).await.unwrap(), exceeded(0));
        assert_eq!(spend(&test.db, &key, i64::MAX).await.unwrap(), exceeded(0));
        let refused = spend(&test.db, &key, -1).await.unwrap_err();
        assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("cost")));
        assert_eq!(spent(&test.db, &key).await, 10);
    })
    .await;
}

#[tokio::test]
async fn two_hundred_that_spend_at_once_take_what_there_is_and_no_more() {
    for_each_engine(|test| async move {
        let key = limited(&test.db, 50, SpendWindow::Month).await;
        let outcomes = at_once(200, |_| {
            let (db, key) = (test.db.clone(), key.clone());
            async move { spend(&db, &key, 1).await.unwrap() }
        })
        .await;
        let mut left: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Spent::Taken { left } => Some(left.unwrap().micros()),
                Spent::Exceeded { .. } => None,
            })
            .collect();
        left.sort_unstable();
        assert_eq!(left, (0..50).collect::<Vec<_>>());
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == exceeded(0)).count(), 150);
        assert_eq!(spent(&test.db, &key).await, 50);
    })
    .await;
}

#[tokio::test]
async fn a_limit_begins_anew_with_its_window() {
    for_each_engine(|test| async move {
        let at = |text: &str| test.clock.set(UnixTimestamp::parse(text).unwrap());
        let mut keys = Vec::new();
        for window in [SpendWindow::Day, SpendWindow::Month, SpendWindow::Total] {
            keys.push(limited(&test.db, 10, window).await);
        }
        for (now, may_spend) in [
            ("2026-10-30T12:00:00Z", [10, 10, 10]),
            ("2026-10-30T23:59:59.999999Z", [0, 0, 0]),
            ("2026-10-31T00:00:00Z", [10, 0, 0]),
            ("2026-10-31T23:59:59.999999Z", [0, 0, 0]),
            ("2026-11-01T00:00:00Z", [10, 10, 0]),
        ] {
            at(now);
            for (key, may_spend) in keys.iter().zip(may_spend) {
                let window = key.spend_limit.unwrap().window;
                assert_eq!(spent(&test.db, key).await, 10 - may_spend, "{now} {window}");
                let outcome = spend(&test.db, key, 10).await.unwrap();
                assert_eq!(outcome, if may_spend == 10 { taken(0) } else { exceeded(0) }, "{now} {window}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_limit_counts_that_is_in_the_database_and_not_the_one_that_the_caller_knows() {
    for_each_engine(|test| async move {
        let free = own(&test.db, person(1)).await.key;
        assert_eq!(spend(&test.db, &free, 30).await.unwrap(), Spent::Taken { left: None });
        assert_eq!(spent(&test.db, &free).await, 0, "nothing is limited");
        let limit = SpendLimit { amount: micros(40), window: SpendWindow::Day };
        let change = KeyChange { spend_limit: Some(Some(limit)), ..KeyChange::default() };
        let mut tx = test.db.begin().await.unwrap();
        let changed = SeaApiKeys::default().update(&mut tx, &free, change).await.unwrap().unwrap();
        tx.commit().await.unwrap();

        assert_eq!(spent(&test.db, &changed).await, 30, "what was spent before there was a limit counts");
        assert_eq!(spend(&test.db, &free, 11).await.unwrap(), exceeded(10));
        assert_eq!(spend(&test.db, &free, 10).await.unwrap(), taken(0));
        assert!(revoke(&test.db, &changed).await);
        assert_eq!(spend(&test.db, &free, 0).await.unwrap(), exceeded(0));
    })
    .await;
}

#[tokio::test]
async fn work_that_is_done_is_charged_beyond_the_limit_and_taken_back() {
    for_each_engine(|test| async move {
        let key = limited(&test.db, 10, SpendWindow::Day).await;
        let account = key.account.id();
        assert_eq!(charge(&test.db, &[]).await, 0);
        assert_eq!(charge(&test.db, &[(account, key.id, micros(9)), (account, key.id, micros(8))]).await, 1);
        assert_eq!(spent(&test.db, &key).await, 17);
        assert_eq!(spend(&test.db, &key, 1).await.unwrap(), exceeded(0));
        assert_eq!(charge(&test.db, &[(account, key.id, micros(-10))]).await, 1);
        assert_eq!(spend(&test.db, &key, 1).await.unwrap(), taken(2));
        assert!(revoke(&test.db, &key).await);
        assert_eq!(
            charge(&test.db, &[(account, key.id, micros(5))]).await,
            1,
            "it was used while it was good"
        );
        assert_eq!(spent(&test.db, &key).await, 13);
    })
    .await;
}

#[tokio::test]
async fn a_charge_to_a_key_of_another_account_and_to_an_unknown_one_changes_nothing() {
    for_each_engine(|test| async move {
        let key = limited(&test.db, 10, SpendWindow::Total).await;
        let unknown = ApiKeyId::from_uuid(Uuid::from_u128(404));
        let strange = [(organization(1).id(), key.id, micros(5)), (key.account.id(), unknown, micros(5))];
        assert_eq!(charge(&test.db, &strange).await, 0);
        assert_eq!(test.number("SELECT COUNT(*) FROM api_keys_spend").await, 0);
        let own = [strange.as_slice(), &[(key.account.id(), key.id, micros(5))]].concat();
        assert_eq!(charge(&test.db, &own).await, 1);
        assert_eq!(spent(&test.db, &key).await, 5);
        assert_eq!(test.number("SELECT COUNT(*) FROM api_keys_spend").await, 3, "a row for each window");
    })
    .await;
}

#[tokio::test]
async fn sums_stay_exact_when_many_charge_and_spend_at_once_in_any_order() {
    for_each_engine(|test| async move {
        let mut keys = Vec::new();
        for n in 1..=2 {
            for _ in 0..150 {
                let limit = SpendLimit { amount: micros(1_000_000), window: SpendWindow::Month };
                let account = Account::Personal(person(n));
                let new = NewKey { spend_limit: Some(limit), ..new_key(account, person(n)) };
                keys.push(create(&test.db, new).await.unwrap().key);
            }
        }
        let all: Vec<_> = keys.iter().map(|key| (key.account.id(), key.id, micros(1))).collect();
        at_once(12, |nth| {
            let (db, keys, mut costs) = (test.db.clone(), keys.clone(), all.clone());
            if nth % 2 == 0 {
                costs.reverse();
            }
            async move {
                for key in &keys[..5] {
                    if nth % 3 == 0 {
                        assert!(matches!(spend(&db, key, 100).await, Ok(Spent::Taken { .. })));
                    } else {
                        assert_eq!(charge(&db, &costs).await, 300);
                    }
                }
            }
        })
        .await;
        for (place, key) in keys.iter().enumerate() {
            let expected = 8 * 5 + if place < 5 { 4 * 100 } else { 0 };
            assert_eq!(spent(&test.db, key).await, expected, "{place}");
        }
    })
    .await;
}
