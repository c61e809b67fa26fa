//! The gateway before the stand-in ERP, asked without a web server: an identity stands for a verified token.

use futures_util::TryStreamExt;
use serde_json::Value;
use skuery::config::{self, Config};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_resolvers::engine::RequestError;

use crate::erp::{Erp, Mode};
use crate::people::{Asker, People};

/// Freshness is short, so that warm and cold answers take turns; calls give up before the ERP's longest sleep ends.
const CONFIGURATION: &str = r#"
systems:
  erp:
    connector: rest
    url: ${url}
    upstream: { concurrency: 16, attempt_timeout_ms: 400, queue_timeout_ms: 2000 }
    mapping:
      inline:
        summary: the stand-in of the leak test
        protocol: rest
        lookups:
          variants:
            keys: { max: 100 }
            request: { path: /variants, body: { skus: "{{ keys }}" } }
            answer: { items: rows, key: { path: sku }, fields: { name: { path: name } } }
          prices:
            mode: ${mode}
            keys: { max: 40 }
            request:
              path: /prices
              body:
                skus: "{{ keys }}"
                list: "{{ price_list }}"
                customer: "{{ customer }}"
                currency: "{{ currency }}"
                quantity: "{{ quantity }}"
            answer:
              items: rows
              key: { path: sku }
              fields:
                net: { path: price, as: decimal_text }
                currency: { path: currency }
                minimum_quantity: { path: minimum, as: decimal_text }
                price_list: { path: list }
                customer: { path: customer }
          customers:
            request: { path: /customers, body: { numbers: "{{ keys }}" } }
            answer:
              items: rows
              key: { path: number }
              fields:
                name: { path: name }
                price_list: { path: list }
                individual_prices: { path: own }
          orders:
            request:
              path: /orders
              body:
                customer: "{{ customer }}"
                number: "{{ number }}"
                until: "{{ until }}"
                offset: "{{ paging.offset }}"
                limit: "{{ paging.limit }}"
            answer:
              items: rows
              fields:
                number: { path: number }
                customer: { path: customer }
                placed_at: { path: placed }
                customer_reference: { path: reference }
                currency: { path: currency }
              lists:
                lines:
                  path: lines
                  fields: { sku: { path: sku }, name: { path: name }, quantity: { path: quantity, as: decimal_text } }
                documents:
                  path: documents
                  fields: { kind: { value: INVOICE }, number: { path: number }, key: { path: key } }
          document:
            request: { path: "/documents/{{ key }}" }
channels:
  shop:
    languages: [en]
    currency: EUR
    price_lists: { EUR: RETAIL, SEK: RETAIL }
cache:
  prices: { fresh_secs: 1, stale_if_error_secs: 60 }
  customers: { fresh_secs: 1, stale_if_error_secs: 60 }
  orders: { fresh_secs: 1 }
"#;

/// The gateway.
pub(crate) struct Shop {
    pub(crate) gateway: Gateway,
}

impl Shop {
    pub(crate) fn before(erp: &Erp, mode: Mode) -> Self {
        let mode = match mode {
            Mode::Rows => "rows",
            Mode::Calculated => "calculated",
        };
        let text = CONFIGURATION.replace("${url}", &erp.url).replace("${mode}", mode);
        let config = Config::parse("leak.yaml", &text).expect("the configuration is read");
        let parts =
            config::build(&config, "leak.yaml", &text, &|_| None).expect("the configuration is valid");
        Self {
            gateway: Gateway::new(parts),
        }
    }

    /// The answer to one document, or why the whole request was refused.
    pub(crate) async fn ask(
        &self,
        people: &People,
        asker: Asker,
        query: &str,
        variables: Value,
    ) -> Result<Value, Vec<RequestError>> {
        let Value::Object(variables) = variables else {
            panic!("variables are an object")
        };
        let request = GraphqlRequest {
            query: query.to_owned(),
            variables,
            identity: people.identity(asker),
            ..GraphqlRequest::default()
        };
        let answered = self.gateway.execute(&request).await;
        let response = answered.map_err(|refused| refused.errors)?;
        Ok(serde_json::from_slice(&response.body).expect("the answer is JSON"))
    }

    /// The content behind a link.
    pub(crate) async fn document(&self, sealed: &str) -> Option<String> {
        let opened = self.gateway.open_document(sealed).await.ok()?;
        let pieces: Vec<Vec<u8>> = opened.body.content.try_collect().await.ok()?;
        String::from_utf8(pieces.concat()).ok()
    }
}
