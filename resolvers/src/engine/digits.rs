//! Numbers as text, without the formatting machinery: a page holds dozens of them per product.

use std::io::Write as _;

use rust_decimal::Decimal;

/// A minus, 28 decimals, the point, and a digit before it.
const LONGEST: usize = 31;

/// Writes plain notation with the number's own scale, as `Decimal`'s `Display` does.
pub(crate) fn decimal(out: &mut Vec<u8>, number: Decimal) {
    match u64::try_from(number.mantissa().unsigned_abs()) {
        Ok(mantissa) => write(out, number.is_sign_negative(), mantissa, number.scale() as usize),
        Err(_) => {
            // Writing to a vector cannot fail.
            let _ = write!(out, "{number}");
        }
    }
}

/// Writes an integer.
pub(crate) fn int(out: &mut Vec<u8>, number: i32) {
    write(out, number < 0, number.unsigned_abs().into(), 0);
}

fn write(out: &mut Vec<u8>, negative: bool, mantissa: u64, scale: usize) {
    let mut text = [0; LONGEST];
    let mut start = LONGEST;
    let mut rest = mantissa;
    for _ in 0..scale / 2 {
        start -= 2;
        [text[start], text[start + 1]] = PAIRS[(rest % 100) as usize];
        rest /= 100;
    }
    if scale % 2 == 1 {
        start -= 1;
        text[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if scale > 0 {
        start -= 1;
        text[start] = b'.';
    }
    while rest >= 10 {
        start -= 2;
        [text[start], text[start + 1]] = PAIRS[(rest % 100) as usize];
        rest /= 100;
    }
    // One digit stands before the point, even if it is 0, and no 0 before another digit.
    if rest > 0 || matches!(text.get(start), None | Some(b'.')) {
        start -= 1;
        text[start] = b'0' + rest as u8;
    }
    if negative {
        start -= 1;
        text[start] = b'-';
    }
    out.extend_from_slice(&text[start..]);
}

/// `00` to `99`: half as many divisions as one digit at a time.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decimals_are_written_as_they_display(mantissa: i128, bits in 0..=96_u32, scale in 0..=28_u32) {
            let mantissa = (mantissa % (1_i128 << bits)).clamp(1 - (1 << 96), (1 << 96) - 1);
            let mut number = Decimal::from_i128_with_scale(mantissa, scale);
            let mut out = Vec::new();
            decimal(&mut out, number);
            prop_assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
            number.set_sign_negative(true);
            let mut out = Vec::new();
            decimal(&mut out, number);
            prop_assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }

        #[test]
        fn integers_are_written_as_they_display(number: i32) {
            let mut out = Vec::new();
            int(&mut out, number);
            prop_assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}
