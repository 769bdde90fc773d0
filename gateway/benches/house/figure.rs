//! Figures, each beside its limit.

use std::fmt;

use serde_json::json;

/// Which side of the bar is good.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    /// The ratio should be at least this.
    AtLeast(f64),
    /// The ratio should be at most this.
    AtMost(f64),
    /// Nothing is demanded.
    None,
}

/// One measured figure.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: Samples,
    pub(crate) unit: &'static str,
    pub(crate) baseline: Option<Samples>,
    pub(crate) bar: Bar,
    pub(crate) note: String,
}

/// The repetitions of one measurement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(pub(crate) Vec<f64>);

impl Samples {
    pub(crate) fn one(value: f64) -> Self {
        Self(vec![value])
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => 0.0,
            odd if odd % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        }
    }

    /// The least and the greatest, in percent of the median.
    fn spread(&self) -> String {
        let median = self.median();
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for &sample in &self.0 {
            least = least.min(sample);
            greatest = greatest.max(sample);
        }
        if self.0.len() < 2 || median == 0.0 {
            return String::new();
        }
        format!("{:+.0}…{:+.0} %", (least / median - 1.0) * 100.0, (greatest / median - 1.0) * 100.0)
    }
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.baseline.as_ref().map(|baseline| self.value.median() / baseline.median())
    }

    fn verdict(&self) -> &'static str {
        match (self.ratio(), self.bar) {
            (Some(ratio), Bar::AtLeast(bar)) if ratio < bar => "MISS",
            (Some(ratio), Bar::AtMost(bar)) if ratio > bar => "MISS",
            (Some(_), Bar::AtLeast(_) | Bar::AtMost(_)) => "ok",
            _ => "",
        }
    }

    fn bar_text(&self) -> String {
        match self.bar {
            Bar::AtLeast(bar) => format!("≥ {bar}"),
            Bar::AtMost(bar) => format!("≤ {bar}"),
            Bar::None => String::new(),
        }
    }
}

/// All of them, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    pub(crate) fn add(&mut self, figure: Figure) {
        let ratio = figure.ratio().map(|ratio| format!(", ratio {ratio:.2} {}", figure.verdict()));
        eprintln!(
            "   {}: {:.0} {}{}",
            figure.name,
            figure.value.median(),
            figure.unit,
            ratio.unwrap_or_default()
        );
        self.0.push(figure);
    }

    pub(crate) fn to_json(&self) -> String {
        let rows: Vec<_> = self
            .0
            .iter()
            .map(|figure| {
                json!({
                    "name": figure.name,
                    "value": figure.value.median(),
                    "unit": figure.unit,
                    "baseline": figure.baseline.as_ref().map(Samples::median),
                    "ratio": figure.ratio(),
                    "bar": figure.bar_text(),
                    "note": figure.note,
                })
            })
            .collect();
        serde_json::to_string_pretty(&rows).expect("figures are JSON")
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "\n{:<58} {:>12} {:<9} {:>14} {:>12} {:>8} {:>8}       note",
            "figure", "median", "unit", "spread", "baseline", "ratio", "bar"
        )?;
        for figure in &self.0 {
            let baseline = figure.baseline.as_ref().map(|baseline| format!("{:.0}", baseline.median()));
            let ratio = figure.ratio().map(|ratio| format!("{ratio:.2}"));
            writeln!(
                formatter,
                "{:<58} {:>12.1} {:<9} {:>14} {:>12} {:>8} {:>8} {:<4}  {}",
                figure.name,
                figure.value.median(),
                figure.unit,
                figure.value.spread(),
                baseline.unwrap_or_default(),
                ratio.unwrap_or_default(),
                figure.bar_text(),
                figure.verdict(),
                figure.note
            )?;
        }
        Ok(())
    }
}
