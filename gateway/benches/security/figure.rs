//! Figures, each beside its bar.

use std::{fmt, time::Duration};

use serde_json::json;

/// Which side of the bar is good.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Less than this.
    Below(f64),
    /// Nothing is demanded.
    None,
}

impl Bar {
    fn verdict(self, value: f64) -> &'static str {
        let is_good = match self {
            Self::AtLeast(bar) => value >= bar,
            Self::AtMost(bar) => value <= bar,
            Self::Below(bar) => value < bar,
            Self::None => return "",
        };
        if is_good { "ok" } else { "miss" }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bar) => write!(formatter, "≥ {bar:.0}"),
            Self::AtMost(bar) => write!(formatter, "≤ {bar:.0}"),
            Self::Below(bar) => write!(formatter, "< {bar:.0}"),
            Self::None => Ok(()),
        }
    }
}

/// How long something took, each time.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that so many of a thousand do not exceed, in milliseconds.
    pub(crate) fn ms(&self, per_mille: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let place = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
        sorted.get(place).map_or(0.0, Duration::as_secs_f64) * 1000.0
    }

    /// Median, 95th and 99th percentile and the longest, in words.
    pub(crate) fn summary(&self) -> String {
        let [p50, p95, p99, longest] = [500, 950, 990, 1000].map(|per_mille| self.ms(per_mille));
        format!("p50 {p50:.2}, p95 {p95:.2}, p99 {p99:.2}, longest {longest:.2} ms of {}", self.0.len())
    }
}

impl FromIterator<Duration> for Times {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        Self(times.into_iter().collect())
    }
}

/// One measured figure.
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    bar: Bar,
    note: String,
}

/// All of them, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    pub(crate) fn add(
        &mut self,
        name: &str,
        value: f64,
        unit: &'static str,
        bar: Bar,
        note: impl Into<String>,
    ) {
        let figure = Figure { name: name.to_owned(), value, unit, bar, note: note.into() };
        eprintln!("   {name}: {value:.2} {unit} {bar} {}  {}", bar.verdict(value), figure.note);
        self.0.push(figure);
    }

    /// How many there were of what must not be at all.
    pub(crate) fn none_of(&mut self, name: &str, count: usize, note: impl Into<String>) {
        self.add(name, count as f64, "", Bar::AtMost(0.0), note);
    }

    pub(crate) fn to_json(&self) -> String {
        let rows: Vec<_> = self
            .0
            .iter()
            .map(|figure| {
                json!({
                    "name": figure.name,
                    "value": figure.value,
                    "unit": figure.unit,
                    "bar": figure.bar.to_string(),
                    "verdict": figure.bar.verdict(figure.value),
                    "note": figure.note,
                })
            })
            .collect();
        serde_json::to_string_pretty(&rows).expect("figures are JSON")
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n{:<66} {:>10} {:<5} {:>8}       note", "figure", "value", "unit", "bar")?;
        for figure in &self.0 {
            writeln!(
                formatter,
                "{:<66} {:>10.2} {:<5} {:>8} {:<4}  {}",
                figure.name,
                figure.value,
                figure.unit,
                figure.bar.to_string(),
                figure.bar.verdict(figure.value),
                figure.note
            )?;
        }
        Ok(())
    }
}
