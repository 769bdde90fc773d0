//! The example for those who embed this crate, on both engines.

use bursar_testkit::for_each_engine_unmigrated;

#[expect(dead_code, reason = "its main is for `cargo run --example embed-plans-and-contracts`")]
#[path = "../../examples/embed.rs"]
mod example;

#[tokio::test]
async fn a_host_commits_or_rolls_back_our_writes_with_its_own() {
    for_each_engine_unmigrated(|test| async move {
        example::embed(&test.url).await.unwrap();
    })
    .await;
}
