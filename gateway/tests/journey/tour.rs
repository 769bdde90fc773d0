//! The tour of the README, as a stranger would paste it.

use bursar_testkit::for_each_engine;

use crate::{
    server::Server,
    shell::{has_curl, paste},
};

const README: &str = include_str!("../../../README.md");
/// Where the README's server is.
const THERE: &str = "B=http://127.0.0.1:8080";
/// The step after which the credits come a moment later.
const PAY: &str = "curl -s $CHECKOUT/pay ";
/// What the README shows as answers.
const ANSWERS: &[&str] = &[
    r#"{"status":"paid"}"#,
    r#""balance":10000000},"success":true}"#,
    r#"{"accepted":1,"duplicates":0}"#,
    r#""balance":9997500},"success":true}"#,
    r#""totalTokens":1500,"costUsd":250000,"creditsUsed":2500,"#,
    r#""groupBy":{"model":"bursar/echo"}}]}"#,
    r#"{"type":"urn:bursar:event_invalid","title":"Bad Request","status":400,"#,
];

#[tokio::test]
async fn the_tour_of_the_readme_works_when_pasted() {
    if !has_curl().await {
        return;
    }
    for_each_engine(|test| async move {
        let server = Server::start(&test).await;
        let said = paste(&script(&server.base)).await;
        let mut rest = said.as_str();
        for answer in ANSWERS {
            assert!(README.contains(answer), "the README does not show {answer}");
            let (_, after) = rest.split_once(answer).unwrap_or_else(|| panic!("no {answer} in\n{said}"));
            rest = after;
        }
    })
    .await;
}

/// All that the README says to type, one step after the other.
fn script(base: &str) -> String {
    let mut script = String::new();
    for block in README.split("```sh\n").skip(1) {
        let step = block.split("```").next().unwrap_or_default().replace(THERE, &format!("B={base}"));
        script.push_str(&step);
        if step.starts_with(PAY) {
            // Who types is slower than the webhook.
            script.push_str(
                "until curl -s $B/api/v1/organizations/$ORG/balance -H \"Authorization: Bearer $TOKEN\" | \
                 grep -q 10000000; do sleep 0.1; done\n",
            );
        }
    }
    assert!(script.starts_with(&format!("B={base}\n")), "the tour does not begin with its server");
    script
}
