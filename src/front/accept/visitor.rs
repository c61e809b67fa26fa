//! The service of one connection: each request is answered by what is served when it comes.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, Version, header};
use hyper::body::Incoming;
use hyper::service::Service;
use tower::Service as _;

use super::activity::Activity;
use super::body::Answer;
use super::places::Place;
use crate::front::serving::Serving;

pub(super) struct Visitor {
    pub(super) serving: Arc<Serving>,
    pub(super) place: Place,
    pub(super) activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for Visitor {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let running = self.activity.begin();
        let mut request = request.map(Body::new);
        let place = self.place.of(request.headers());
        request.extensions_mut().insert(place);
        // Taken once: what begins on one configuration ends on it, whatever is reloaded meanwhile.
        let mut routes = self.serving.routes();
        let process = self.serving.process().clone();
        Box::pin(async move {
            let is_http2 = request.version() == Version::HTTP_2;
            let mut response = routes.call(request).await?;
            if process.is_draining() && !is_http2 {
                // Whoever keeps the connection would meet its end with the next request under way.
                let headers = response.headers_mut();
                if !headers.contains_key(header::UPGRADE) {
                    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
            }
            Ok(response.map(|body| Answer::new(body, running, is_http2)))
        })
    }
}
