use bursar_kernel::{AuditActor, AuditRecord, Engine};
use bursar_testkit::for_each_engine;
use sea_orm::ConnectionTrait as _;

use crate::account;

pub(crate) fn record() -> AuditRecord {
    AuditRecord {
        account: account(),
        actor: AuditActor { kind: "system", id: None },
        operation: "test",
        target: "org_00000000000000000000000007".to_owned(),
        before: None,
        after: Some("{}".to_owned()),
        ip: None,
        request_id: Some("req_1".to_owned()),
    }
}

#[tokio::test]
async fn an_audit_row_can_be_written_and_then_neither_changed_nor_erased() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        tx.audit(record()).await.unwrap();
        tx.commit().await.unwrap();
        let kept = test.dump().await;
        assert!(kept.contains("org_00000000000000000000000007"), "{kept}");
        let mut attempts = vec!["UPDATE kernel_audit SET operation = 'forged'", "DELETE FROM kernel_audit"];
        if test.engine == Engine::Postgres {
            attempts.push("TRUNCATE kernel_audit");
        }
        for attempt in attempts {
            let refusal = test.execute(attempt).await.unwrap_err();
            assert!(refusal.contains("kernel_audit is append-only"), "{attempt}: {refusal}");
        }
        let mut roundabout = vec![
            "INSERT INTO kernel_audit SELECT * FROM kernel_audit WHERE true \
             ON CONFLICT (account_id, id) DO UPDATE SET operation = 'forged'",
        ];
        if test.engine == Engine::Sqlite {
            roundabout.push("REPLACE INTO kernel_audit SELECT * FROM kernel_audit");
        }
        for attempt in roundabout {
            let tx = test.db.begin().await.unwrap();
            let refusal = tx.conn().execute_unprepared(attempt).await.unwrap_err().to_string();
            assert!(refusal.contains("kernel_audit is append-only"), "{attempt}: {refusal}");
            tx.rollback().await.unwrap();
        }
        assert_eq!(test.dump().await, kept);
    })
    .await;
}
