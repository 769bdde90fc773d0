//! What somebody signed in with, in plain words, as far as it says so.

/// In the order in which they are asked: browsers call themselves by the names of others too.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];
/// Longer names say nothing more.
const MAX_NAME_LENGTH: usize = 40;

/// `Firefox on Linux`, `curl`, or that nobody knows.
pub(super) fn in_words(user_agent: Option<&str>) -> String {
    let Some(text) = user_agent.map(str::trim).filter(|text| !text.is_empty()) else {
        return "Unknown device".to_owned();
    };
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| *name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => {
            let name = text.split(['/', ' ']).next().unwrap_or_default();
            name.chars().take(MAX_NAME_LENGTH).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_as_its_owner_would() {
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
            ("curl/8.9.1", "curl"),
            ("  ", "Unknown device"),
        ] {
            assert_eq!(in_words(Some(user_agent)), words);
        }
        assert_eq!(in_words(None), "Unknown device");
        assert_eq!(in_words(Some(&"é".repeat(256))).chars().count(), MAX_NAME_LENGTH);
    }
}
