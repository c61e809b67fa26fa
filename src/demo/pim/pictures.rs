//! Pictures of the PIM: a small drawing per product, made when asked for.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::{Pim, Refusal};
use crate::demo::assortment::{Product, Value, value_of};
use crate::demo::kinds::Group;
use crate::demo::languages::ENGLISH;

/// Background colours, one per brand at least.
const BACKGROUNDS: [&str; 8] = [
    "#22577a", "#38a3a5", "#7b2d26", "#3d405b", "#6a4c93", "#8d5524", "#2b6c3f", "#b23a48",
];

/// `GET /media/{path}`, without a login.
pub(super) async fn picture(State(pim): State<Pim>, Path(path): Path<String>) -> Result<Response, Refusal> {
    let missing = || {
        Refusal::new(
            StatusCode::NOT_FOUND,
            format!("Media file \"{path}\" does not exist."),
        )
    };
    let product = product_of(&pim, &path).ok_or_else(missing)?;
    let headers = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    Ok((headers, drawing(product, path.ends_with("_2.svg"))).into_response())
}

/// The product that names this very path as one of its pictures.
fn product_of<'a>(pim: &'a Pim, path: &str) -> Option<&'a Product> {
    let file = path.rsplit('/').next()?;
    let code = file.split('_').next()?.to_uppercase();
    let product = &pim.assortment.products[pim.assortment.product_position(&code)?];
    let is_named = ["image", "image_2"].iter().any(
        |attribute| matches!(value_of(&product.values, attribute), Some(Value::Text(named)) if named == path),
    );
    is_named.then_some(product)
}

fn drawing(product: &Product, is_second: bool) -> String {
    let shade = product.code.bytes().map(usize::from).sum::<usize>() + usize::from(is_second);
    let background = BACKGROUNDS[shade % BACKGROUNDS.len()];
    let shape = match product.kind.group {
        Group::Gear => r#"<path d="M110 230a90 90 0 0 1 180 0v30H110z"/>"#,
        Group::Luggage => {
            r#"<rect x="110" y="150" width="180" height="120" rx="18"/><rect x="165" y="125" width="70" height="25" rx="8"/>"#
        }
        Group::Part => r#"<circle cx="200" cy="200" r="85" fill="none" stroke="white" stroke-width="28"/>"#,
        Group::Fluid => r#"<path d="M165 120h70v40l20 30v90H145v-90l20-30z"/>"#,
    };
    let (title, noun) = (&product.title, product.kind.noun[ENGLISH]);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img"><rect width="400" height="400" fill="{background}"/><g fill="white" fill-opacity="0.9">{shape}</g><g fill="white" font-family="sans-serif" text-anchor="middle"><text x="200" y="330" font-size="24">{title}</text><text x="200" y="362" font-size="18">{noun}</text></g></svg>"#
    )
}
