//! From what was seen in each round to the figures that are shown.

use std::time::Duration;

/// The value in the middle, of an even number the mean of the two; not a number where there is none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => f64::NAN,
        1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

/// The median of times, in milliseconds.
pub(crate) fn median_ms(took: &[Duration]) -> f64 {
    median(took.iter().map(|took| took.as_secs_f64() * 1000.0))
}

/// The median of what each round's one is to the same round's other: both saw the same neighbours on the machine.
pub(crate) fn ratio(ones: &[f64], others: &[f64]) -> f64 {
    median(ones.iter().zip(others).map(|(one, other)| one / other))
}

/// Rounded to so many places, for people and for files.
pub(crate) fn rounded(value: f64, places: i32) -> f64 {
    let shift = 10_f64.powi(places);
    (value * shift).round() / shift
}

#[cfg(test)]
mod tests {
    use super::{median, ratio, rounded};

    #[test]
    fn the_median_is_in_the_middle_and_unmoved_by_one_wild_value() {
        assert_eq!(median([3.0, 1.0, 900.0]), 3.0);
        assert_eq!(median([4.0, 1.0]), 2.5);
        assert!(median([]).is_nan());
    }

    #[test]
    fn ratios_are_of_one_round_and_not_of_medians() {
        // The second round was slow for both.
        assert_eq!(ratio(&[2.0, 20.0, 3.0], &[1.0, 10.0, 1.0]), 2.0);
    }

    #[test]
    fn figures_are_rounded() {
        assert_eq!(rounded(1.2345, 2), 1.23);
        assert_eq!(rounded(123.5, 0), 124.0);
    }
}
