//! The chart of the README: processor time per request with one client, as many times Skuery's.

use std::fmt::Write;

use crate::contender::Kind;
use crate::report::{Results, Scenario};

const WIDTH: f64 = 720.0;
/// Where bars begin and how long the longest may be.
const LEFT: f64 = 190.0;
const LONGEST: f64 = 450.0;
const BAR: f64 = 14.0;
const GAP: f64 = 16.0;

/// Colours come from the reader's scheme; the card is drawn, so that it is legible on any page.
const STYLE: &str = "
  .card { fill: #ffffff; stroke: #d0d7de } text { fill: #1f2328; font: 12px system-ui, sans-serif }
  .title { font-weight: 600; font-size: 13px } .s { fill: #0969da } .h { fill: #8c959f } .a { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #161b22; stroke: #30363d } text { fill: #e6edf3 }
    .s { fill: #58a6ff } .h { fill: #8b949e } .a { fill: #f0883e }
  }
";

/// Two panels, warm and cold, with a bar for each contender at each item.
pub(crate) fn svg(results: &Results) -> String {
    let shown = [
        (Scenario::Warm, "Everything in the caches"),
        (Scenario::Cold, "Nothing kept, systems asked every time"),
    ];
    let most = results
        .figures
        .iter()
        .filter(|figures| shown.iter().any(|(scenario, _)| *scenario == figures.scenario))
        .map(|figures| figures.at_rest.cpu_ratio)
        .fold(1.0, f64::max);
    let mut drawn = String::new();
    let mut y = 30.0;
    for (scenario, title) in shown {
        text(&mut drawn, 16.0, y, "title", title);
        y += 12.0;
        for item in results.items() {
            let bars = [(Kind::Skuery, "s"), (Kind::ByHand, "h"), (Kind::Apollo, "a")];
            let bars = bars.into_iter().filter_map(|(kind, class)| {
                Some((kind, class, results.of(scenario, item, kind)?.at_rest.cpu_ratio))
            });
            for (at, (kind, class, ratio)) in bars.enumerate() {
                if at == 0 {
                    text(&mut drawn, 16.0, y + BAR - 3.0, "", item);
                }
                text(&mut drawn, 96.0, y + BAR - 3.0, "", kind.name());
                let width = (ratio / most * LONGEST).max(1.0);
                // Writing to a text cannot fail.
                let _ = writeln!(
                    drawn,
                    r#"<rect class="{class}" x="{LEFT}" y="{y}" width="{width:.1}" height="{BAR}" rx="2"/>"#
                );
                text(
                    &mut drawn,
                    LEFT + width + 6.0,
                    y + BAR - 3.0,
                    "",
                    &format!("{ratio:.1} ×"),
                );
                y += BAR + 2.0;
            }
            y += GAP / 2.0;
        }
        y += GAP;
    }
    let height = y;
    let label = "Processor time per request, as many times Skuery's";
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{label}\">\n\
         <style>{STYLE}</style>\n\
         <rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n{drawn}</svg>\n",
        WIDTH - 1.0,
        height - 1.0
    )
}

fn text(drawn: &mut String, x: f64, y: f64, class: &str, text: &str) {
    // Writing to a text cannot fail; names hold nothing to escape.
    let _ = writeln!(
        drawn,
        r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#
    );
}

#[cfg(test)]
mod tests {
    use super::svg;
    use crate::contender::Kind;
    use crate::report::tests::{figures, results};

    #[test]
    fn bars_are_as_long_as_their_ratios_and_say_them() {
        let all = [
            figures(Kind::Skuery, 1.0),
            figures(Kind::ByHand, 0.75),
            figures(Kind::Apollo, 10.0),
        ];
        let chart = svg(&results(all));
        for (class, width, said) in [
            ("s", "45.0", "1.0 ×"),
            ("h", "33.8", "0.8 ×"),
            ("a", "450.0", "10.0 ×"),
        ] {
            let bar = chart
                .lines()
                .find(|line| line.contains(&format!("<rect class=\"{class}\"")));
            assert!(
                bar.is_some_and(|bar| bar.contains(&format!("width=\"{width}\""))),
                "{chart}"
            );
            assert!(chart.contains(said), "{chart}");
        }
    }
}
