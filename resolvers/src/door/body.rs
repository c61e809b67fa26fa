//! Reading a body without trusting its announced length.

use http::header::CONTENT_TYPE;

use crate::door::Reply;
use crate::door::fault::Fault;

/// Reads chunk by chunk and stops at the limit, which counts decompressed bytes: a gzip bomb never unfolds.
pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Result<Reply, Fault> {
    let announced = announced(&response, limit)?;
    let status = response.status();
    let content_type = content_type(&response);
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await.map_err(|error| Fault::from_http(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        status,
        content_type,
        body,
    })
}

/// The announced length, 0 where there is none; refused where it breaks the limit already.
pub(super) fn announced(response: &reqwest::Response, limit: usize) -> Result<usize, Fault> {
    match usize::try_from(response.content_length().unwrap_or(0)) {
        Ok(announced) if announced <= limit => Ok(announced),
        _ => Err(too_large(limit)),
    }
}

/// The media type in lower case, without parameters.
pub(super) fn content_type(response: &reqwest::Response) -> Option<String> {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|media_type| media_type.trim().to_ascii_lowercase())
}

pub(super) fn too_large(limit: usize) -> Fault {
    Fault::invalid_answer(format!("the answer is larger than {limit} bytes"))
}
