//! What the gateway is to reach beside the others, and where a run does not show it.

use crate::contender::Kind;
use crate::report::{Figures, Results};

/// At least so many times Skuery's processor time has Apollo Server.
const APOLLO: f64 = 6.0;
/// At most so many times the hand-written handler's processor time has Skuery.
const BY_HAND: f64 = 1.5;
/// The most that Skuery adds to the systems' critical path, in milliseconds.
const ADDED_MS: f64 = 1.5;

/// One sentence for each goal that was missed.
pub(crate) fn missed(results: &Results) -> Vec<String> {
    let missed = results.figures.iter().map(|figures| match figures.contender {
        Kind::Skuery => own(figures),
        other => beside(other, figures, results.clients),
    });
    missed.flatten().collect()
}

fn own(figures: &Figures) -> Vec<String> {
    let place = place(figures);
    let mut missed = Vec::new();
    if figures.added_ms > ADDED_MS {
        missed.push(format!("{place}: {:.2} ms added", figures.added_ms));
    }
    if figures.under_load.calls > figures.at_rest.calls {
        let (more, than) = (figures.under_load.calls, figures.at_rest.calls);
        missed.push(format!("{place}: {more:.2} calls under load, {than:.2} at rest"));
    }
    missed
}

fn beside(other: Kind, figures: &Figures, clients: usize) -> Vec<String> {
    let place = place(figures);
    let at = [(&figures.at_rest, 1), (&figures.under_load, clients)];
    let missed = at.into_iter().filter_map(|(seen, clients)| {
        let ratio = seen.cpu_ratio;
        let said = match other {
            Kind::Apollo if ratio < APOLLO => format!("1/{ratio:.1} of Apollo Server's"),
            Kind::ByHand if ratio * BY_HAND < 1.0 => format!("{:.2} times the handler's", 1.0 / ratio),
            _ => return None,
        };
        Some(format!("{place}, {clients} clients: {said} processor time"))
    });
    missed.collect()
}

fn place(figures: &Figures) -> String {
    format!("{} {}", figures.scenario.name(), figures.item)
}

#[cfg(test)]
mod tests {
    use super::missed;
    use crate::contender::Kind;
    use crate::report::tests::{figures, results};

    #[test]
    fn a_run_that_reaches_everything_misses_nothing() {
        let all = [
            figures(Kind::Skuery, 1.0),
            figures(Kind::ByHand, 0.7),
            figures(Kind::Apollo, 6.0),
        ];
        assert_eq!(missed(&results(all)), Vec::<String>::new());
    }

    #[test]
    fn each_missed_goal_is_named_with_its_place_and_figure() {
        let mut skuery = figures(Kind::Skuery, 1.0);
        skuery.added_ms = 1.6;
        skuery.under_load.calls = 3.1;
        let all = [skuery, figures(Kind::ByHand, 0.5), figures(Kind::Apollo, 5.9)];
        let expected = [
            "warm cart: 1.60 ms added",
            "warm cart: 3.10 calls under load, 3.00 at rest",
            "warm cart, 1 clients: 2.00 times the handler's processor time",
            "warm cart, 32 clients: 2.00 times the handler's processor time",
            "warm cart, 1 clients: 1/5.9 of Apollo Server's processor time",
            "warm cart, 32 clients: 1/5.9 of Apollo Server's processor time",
        ];
        assert_eq!(missed(&results(all)), expected);
    }
}
