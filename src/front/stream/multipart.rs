//! Events as parts of `multipart/mixed`.
//!
//! Each part goes out with the delimiter that follows it: a client takes a part for whole only when it has seen that.

use serde_json::{Value, json};

/// Without quotes, which are not needed: Python gql looks for it so.
pub(super) const MEDIA: &str = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0";
pub(super) const OPENING: &[u8] = b"--graphql";
/// Makes the last delimiter the closing one.
pub(super) const END: &[u8] = b"--\r\n";

pub(super) fn part(json: &[u8]) -> Vec<u8> {
    let head = b"\r\nContent-Type: application/json\r\n\r\n";
    [&head[..], json, b"\r\n--graphql"].concat()
}

/// `body` is a whole response in JSON, and goes out as it is.
pub(super) fn payload(body: &[u8]) -> Vec<u8> {
    part(&[b"{\"payload\":", body, b"}"].concat())
}

/// An error of the transport: it ends the subscription.
pub(super) fn cut_off(errors: &[Value]) -> Vec<u8> {
    part(
        json!({ "payload": null, "errors": errors })
            .to_string()
            .as_bytes(),
    )
}
