//! The demo organization, as a newcomer meets it.

use bursar_testkit::for_each_engine;

use crate::{
    recount,
    server::Server,
    shell::{has_curl, paste},
};

/// Twelve events on each of thirty days.
const MONTH: i64 = 360;

#[tokio::test]
async fn the_three_lines_that_the_demo_prints_work_when_pasted() {
    if !has_curl().await {
        return;
    }
    for_each_engine(|test| async move {
        let (server, said) = Server::start_demo(&test).await;
        assert!(said.contains(&format!("Bursar is ready at {}", server.base)), "{said}");
        let lines: Vec<_> = said.lines().filter(|line| line.starts_with("  curl ")).collect();
        let &[balance, report, sign_in] = lines.as_slice() else { panic!("three lines: {said}") };

        let left = recount::balance(&test).await;
        assert!(paste(balance).await.contains(&format!(r#""balance":{left}}}"#)));
        assert!(paste(report).await.contains(r#"{"accepted":1,"duplicates":0}"#));
        assert!(paste(report).await.contains(r#"{"accepted":0,"duplicates":1}"#));
        assert!(paste(balance).await.contains(&format!(r#""balance":{}}}"#, left - 2_500)));
        assert!(paste(sign_in).await.contains(r#""access_token":"#));
        assert_eq!(test.number("SELECT COUNT(*) FROM metering_usage").await, MONTH + 1);
        recount::the_books_are_right(&test).await;
        server.kill().await;

        // A second start makes nothing twice, but for the key, whose secret nobody has kept.
        let (_server, said) = Server::start_demo(&test).await;
        assert!(said.contains("0 new events"), "{said}");
        assert_eq!(recount::balance(&test).await, left - 2_500);
        assert_eq!(
            test.number("SELECT COUNT(*) FROM api_keys_key WHERE revoked_at IS NULL AND NOT is_primary")
                .await,
            1
        );
    })
    .await;
}
