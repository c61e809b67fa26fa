//! Customer numbers, order numbers and document keys come from tokens and clients: none of them changes a request's shape.

use serde_json::{Value as Json, json};
use url::Url;

use super::build;
use super::recordings::business_central;
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Seen, Server, json as answer, reply};
use crate::port::orders::{DocumentKey, OrderList, OrderQuestion, Owner, Which};
use skuery_schema::order_words::DocumentKind;

const NASTY: [&str; 9] = [
    "' or 1 eq 1 or 'a' eq '",
    "x') or (customerNumber ne 'x",
    "../../../admin?x=1#y",
    "..",
    "%2e%2e/%27",
    "{{ settings.token }}",
    "\",\"admin\":true,\"x\":\"",
    "a&customer=b&c",
    "\u{202e}ü\u{1F600}+ %",
];

async fn ask(system: &System, owner: Owner, which: Which) -> Result<usize, String> {
    let question = OrderQuestion {
        list: OrderList::Orders,
        which,
    };
    let orders = system.orders.as_ref().expect("orders");
    let page = orders.orders(call(5), &owner, &question).await;
    page.map(|page| page.orders.len())
        .map_err(|error| error.detail().to_owned())
}

fn last(server: &Server) -> Seen {
    server.seen().last().expect("a request").clone()
}

fn url(seen: &Seen) -> Url {
    let (_, path) = seen.line.split_once(' ').expect("a path");
    Url::parse(&format!("http://erp.example{path}")).expect("an address")
}

fn parameter(url: &Url, name: &str) -> String {
    let mut values = url.query_pairs().filter(|(key, _)| key == name);
    let value = values
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    assert!(values.next().is_none(), "{name} stands once");
    value
}

#[tokio::test]
async fn odata_filters_keep_their_shape() {
    let server = Server::start(|seen| match seen.line.starts_with("POST") {
        true => answer(&json!({"access_token": "t", "expires_in": 3600})),
        false => answer(&json!({"value": []})),
    })
    .await;
    let system = business_central(&server);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    for nasty in NASTY {
        let customer = Owner::Customer(nasty.into());
        let found = ask(&system, customer, Which::Number(nasty.into())).await;
        assert_eq!(found, Ok(0), "{nasty:?}");
        let literal = quoted(nasty);
        assert_eq!(
            parameter(&url(&last(&server)), "$filter"),
            format!("customerNumber eq {literal} and number eq {literal}")
        );
        let company = Owner::Company(nasty.into());
        let found = ask(&system, company, Which::Reference(nasty.into())).await;
        assert_eq!(found, Ok(0), "{nasty:?}");
        assert_eq!(
            parameter(&url(&last(&server)), "$filter"),
            format!("billToCustomerNumber eq {literal} and externalDocumentNumber eq {literal}")
        );
    }
    let before = server.seen().len();
    let control = Owner::Customer("a\u{0}\r\nb".into());
    assert!(ask(&system, control, Which::Number("1".into())).await.is_err());
    assert_eq!(server.seen().len(), before, "refused before it is sent");
}

#[tokio::test]
async fn paths_queries_and_bodies_keep_their_shape() {
    let server = Server::start(|seen| match seen.line.contains("papers") {
        true => reply(200, "text/plain", b"paper"),
        false => answer(&json!([])),
    })
    .await;
    let system = build(&format!(
        r#"
connector: rest
url: {}
mapping:
  inline:
    summary: a shop
    protocol: rest
    lookups:
      orders:
        request:
          path: "/customers/{{{{ customer }}}}/orders"
          query: [[number, "{{{{ number }}}}"]]
          body: {{ of: "{{{{ customer }}}}", say: "no {{{{ number }}}}!", page: "{{{{ paging.page }}}}" }}
        answer:
          fields:
            number: {{ path: a }}
            customer: {{ path: b }}
            placed_at: {{ path: c }}
            currency: {{ path: d }}
      document:
        request: {{ path: "/papers/{{{{ kind }}}}/{{{{ key }}}}" }}
"#,
        server.url
    ))
    .expect("a system");
    for nasty in NASTY {
        let found = ask(
            &system,
            Owner::Customer(nasty.into()),
            Which::Number(nasty.into()),
        )
        .await;
        let key = DocumentKey {
            kind: DocumentKind::Receipt,
            key: nasty.into(),
        };
        let orders = system.orders.as_ref().expect("orders");
        let document = orders.document(call(5), &key).await;
        if nasty == ".." {
            assert!(found.is_err_and(|error| error.contains("cannot stand in the path")));
            assert!(document.is_err());
            continue;
        }
        assert_eq!(found, Ok(0), "{nasty:?}");
        assert!(document.is_ok(), "{nasty:?}");
        let seen = server.seen();
        let paper = url(seen.last().expect("a request"));
        let order = &seen[seen.len() - 2];
        let body: Json = serde_json::from_str(&order.body).expect("JSON");
        assert_eq!(body, json!({"of": nasty, "say": format!("no {nasty}!")}));
        let order = url(order);
        assert_eq!(parameter(&order, "number"), nasty);
        let segments = |url: &Url| url.path_segments().map(Iterator::count);
        assert_eq!((segments(&order), segments(&paper)), (Some(3), Some(3)));
        assert_eq!((paper.query(), paper.fragment()), (None, None));
    }
}
