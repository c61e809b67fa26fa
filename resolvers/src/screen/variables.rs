//! Variables, while they are still a text: a parser would make a tree of them first.

use skuery_schema::error::ErrorCode;

use crate::engine::RequestError;
use crate::screen::{Excess, Limits, refusal, within};

/// Screens the JSON text of a request's variables. What is no JSON passes within the limits; its parser refuses it.
///
/// # Errors
///
/// `BAD_USER_INPUT` with [`RequestError::excess`] for the first limit that is exceeded.
pub fn variables(json: &str, limits: &Limits) -> Result<(), RequestError> {
    check(json, limits).map_err(|excess| refusal(ErrorCode::BadUserInput, excess))
}

fn check(json: &str, limits: &Limits) -> Result<(), Excess> {
    within("variables_bytes", limits.variables_bytes, json.len())?;
    let mut bytes = json.bytes();
    let mut open: Vec<Bracket> = Vec::new();
    let mut members = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                open.push(Bracket {
                    is_list: byte == b'[',
                    commas: 0,
                });
                within("variables_nesting", limits.variables_nesting, open.len())?;
            }
            b']' | b'}' => drop(open.pop()),
            b',' => {
                if let Some(list) = open.last_mut().filter(|bracket| bracket.is_list) {
                    list.commas += 1;
                    within("keys", limits.keys, list.commas + 1)?;
                }
            }
            // Outside of texts a colon is behind each name, and nowhere else.
            b':' if open.len() == 1 => {
                members += 1;
                within("variables", limits.variables, members)?;
            }
            b'"' => skip_text(&mut bytes),
            _ => {}
        }
    }
    Ok(())
}

struct Bracket {
    is_list: bool,
    commas: usize,
}

/// Goes behind the quote that ends a text. One without an end takes the rest with it, which no parser reads either.
fn skip_text(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return,
            _ => {}
        }
    }
}
