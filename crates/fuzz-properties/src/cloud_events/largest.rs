/// The largest batch that is read: `http.max_events_body_bytes` as it is shipped.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// What an event takes around its data, and a bit.
const ROOM: usize = 256;

/// Bodies as large as they may be, each of one shape: as many values, names, levels, events, faults
/// or digits as fit. What reading them takes is the most that a request can make it take.
pub fn largest_bodies() -> impl Iterator<Item = String> {
    let values = ["0,", "1,", "-1e9,", "\"\",", "\"a\",", "[],", "{},", "null,", "[[0]],"];
    let lists = values.map(|value| log(&format!("{{\"a\":[{}]}}", filled(value))));
    let texts = ["a", "\\n", "\\u00e9", "ü"].map(|text| log(&format!("{{\"a\":\"{}\"}}", filled(text))));
    let digits = log(&format!("{{\"a\":9{}}}", filled("9")));
    let one_object = ["\"a\":0,", "\"a\":null,"].map(|member| log(&format!("{{{}}}", filled(member))));
    // As many members as an object may have, over and over.
    let object = format!("{{{}}}", members(1_000));
    let objects = log(&format!("{{\"a\":[{}]}}", filled(&format!("{object},"))));
    let levels = ["[", "{\"a\":"].map(|level| log(&filled(level)));
    let good = format!("[{}]", filled(&format!("{},", log("{}"))));
    // Metadata that is no text is a fault of its own, each of it.
    let metadata =
        log(&format!("{{\"metadata\":{object}}}")).replace("\"type\":\"log\"", "\"type\":\"inference\"");
    let faults = format!("[{}]", filled(&format!("{metadata},")));
    let few = ["0,", "{},", "[],"].map(|event| {
        let events = event.repeat(1_000);
        format!("[{}]", events.trim_end_matches(','))
    });
    let many = ["0,", "{},"].map(|event| format!("[{}]", filled(event)));
    let none = ["[", " ", "{\"a\":"].map(filled);
    let each = lists.into_iter().chain(texts).chain([digits]).chain(one_object);
    let each = each.chain([objects]).chain(levels).chain([good, faults]).chain(few).chain(many).chain(none);
    each.inspect(|body| assert!(body.len() <= MAX_BODY_BYTES, "{body:.60} is too large"))
}

fn log(data: &str) -> String {
    format!(
        "{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"log\",\
         \"subject\":\"org_00000000000000000000000005\",\"data\":{data}}}"
    )
}

fn members(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|number| format!("\"{number:x}\":0")).collect();
    members.join(",")
}

/// So often that an event still fits around it, without a comma at the end.
fn filled(part: &str) -> String {
    let text = part.repeat((MAX_BODY_BYTES - ROOM) / part.len());
    text.strip_suffix(',').map(str::to_owned).unwrap_or(text)
}
