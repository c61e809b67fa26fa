//! Errors as Business Central words them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::demo::answers::answer;

/// What AL code says with `Error`, whatever it is about.
const DIALOG: &str = "Application_DialogException";

/// An error as Business Central words it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// An order of somebody who may not buy.
    pub(super) fn blocked(customer: &str, how: &str) -> Self {
        let message = format!(
            "You cannot create this type of document when Customer {customer} is blocked with type {how}"
        );
        Self::new(StatusCode::BAD_REQUEST, DIALOG, message)
    }

    /// An order of nobody.
    pub(super) fn no_customer(number: &str) -> Self {
        let message = format!("The field Customer No. contains a value ({number}) that cannot be found.");
        Self::new(StatusCode::BAD_REQUEST, "Internal_InvalidTableRelation", message)
    }

    /// A line of something that is not sold.
    pub(super) fn no_item(number: &str) -> Self {
        let message = format!("The field No. contains a value ({number}) that cannot be found in Item.");
        Self::new(StatusCode::BAD_REQUEST, "Internal_InvalidTableRelation", message)
    }

    /// A line of more than there is, where that is not taken.
    pub(super) fn short(sku: &str) -> Self {
        let message = format!("You have insufficient quantity of Item {sku} on inventory.");
        Self::new(StatusCode::BAD_REQUEST, DIALOG, message)
    }

    /// A second order with one number of another system, where that is not taken.
    pub(super) fn duplicate(external: &str) -> Self {
        let message = format!("The record already exists. External Document No.='{external}'");
        Self::new(
            StatusCode::BAD_REQUEST,
            "Internal_EntityWithSameKeyExists",
            message,
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = format!(
            "{}  CorrelationId:  00000000-0000-4000-8000-000000000000.",
            self.message
        );
        answer(
            self.status,
            json!({"error": {"code": self.code, "message": message}}),
        )
    }
}
