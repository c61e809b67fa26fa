//! A system that has nothing but documents, and hands them out well or badly; and a gateway in front of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use futures_util::stream;
use reqwest::{Client, Response};
use skuery::config::{self, Config};
use skuery::demo;
use skuery::front::{self, Cors, Front, Generation, Process, Serving, Stop};
use skuery::persisted::Documents;
use skuery_resolvers::commerce::documents::DOWNLOAD_TIMEOUT;
use skuery_resolvers::commerce::gateway::{Gateway, Parts};
use skuery_resolvers::error::{ErrorKind, LookupError};
use skuery_resolvers::port::orders::{
    DocumentBody, DocumentKey, DocumentRecord, FulfillmentRecord, OrderAbilities, OrderPage, OrderQuestion,
    Orders, Owner,
};
use skuery_resolvers::port::{Answer, Answers, ByKey, Call, Port, PortLookup};
use skuery_schema::ids::SystemName;
use skuery_schema::order_words::DocumentKind;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::direct::parts;
use crate::shop::{builder, page};

/// What the system makes of a document.
#[derive(Clone)]
pub(crate) enum Content {
    /// These pieces, of this media type.
    Pieces(Option<&'static str>, Vec<&'static [u8]>),
    /// One piece, then it breaks off.
    BreaksOff(&'static [u8]),
    /// It fails so at once, or when the content is read.
    Fails(ErrorKind),
    FailsLate(ErrorKind),
    /// Nothing ever comes.
    Silent,
    /// Pieces without end.
    Endless,
}

/// A system that has nothing but documents.
pub(crate) struct Archive {
    pub(crate) name: SystemName,
    pub(crate) content: Content,
    /// Held only to note.
    pub(crate) asked: Arc<Mutex<Vec<DocumentKey>>>,
}

impl Archive {
    fn error(&self, kind: ErrorKind) -> LookupError {
        LookupError::new(kind, &self.name, "document", "http://10.0.0.7/inner said no")
    }
}

impl Port for Archive {
    fn system(&self) -> &SystemName {
        &self.name
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        1
    }
}

impl Orders for Archive {
    fn order_abilities(&self) -> OrderAbilities {
        OrderAbilities {
            document: true,
            ..OrderAbilities::default()
        }
    }

    fn orders<'a>(&'a self, _: Call, _: &'a Owner, _: &'a OrderQuestion) -> Answer<'a, OrderPage> {
        Box::pin(async { Ok(OrderPage::default()) })
    }

    fn fulfillments<'a>(
        &'a self,
        _: Call,
        _: &'a Owner,
        _: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[FulfillmentRecord]>> {
        Box::pin(async { Ok(ByKey::default()) })
    }

    fn documents<'a>(
        &'a self,
        _: Call,
        _: &'a Owner,
        _: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[DocumentRecord]>> {
        Box::pin(async { Ok(ByKey::default()) })
    }

    fn document<'a>(&'a self, call: Call, key: &'a DocumentKey) -> Answer<'a, DocumentBody> {
        // A document may take longer than a request.
        assert!(call.deadline >= Instant::now() + DOWNLOAD_TIMEOUT);
        Box::pin(async move {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(key.clone());
            drop(asked);
            let piece = |bytes: &&'static [u8]| Ok(bytes.to_vec());
            let (content_type, content): (_, std::pin::Pin<Box<dyn stream::Stream<Item = _> + Send>>) =
                match &self.content {
                    Content::Pieces(media, pieces) => {
                        let pieces: Vec<_> = pieces.iter().map(piece).collect();
                        (*media, Box::pin(stream::iter(pieces)))
                    }
                    Content::BreaksOff(bytes) => {
                        let pieces = [piece(bytes), Err(self.error(ErrorKind::Unavailable))];
                        (Some("application/pdf"), Box::pin(stream::iter(pieces)))
                    }
                    Content::Fails(kind) => return Err(self.error(*kind)),
                    Content::FailsLate(kind) => (None, Box::pin(stream::iter([Err(self.error(*kind))]))),
                    Content::Silent => (None, Box::pin(stream::pending())),
                    Content::Endless => (None, Box::pin(stream::repeat_with(|| Ok(vec![b'x'; 64 * 1024])))),
                };
            Ok(DocumentBody {
                content_type: content_type.map(str::to_owned),
                content,
            })
        })
    }
}

/// A system that is described by a mapping.
const MAPPED: &str = "  files:
    connector: rest
    url: ${url}
    upstream: { attempt_timeout_ms: 30000, queue_timeout_ms: 30000, connect_timeout_ms: 10000 }
    mapping:
      inline:
        summary: Files
        protocol: rest
        lookups:
          orders:
            request: { path: /orders, query: [[customer, '{{ customer }}'], [number, '{{ number }}'],
              [skip, '{{ paging.offset }}'], [top, '{{ paging.limit }}'], [until, '{{ until }}']] }
            answer:
              items: orders
              fields:
                number: { path: number }
                customer: { path: customer }
                placed_at: { path: placed }
                currency: { path: currency }
          document:
            request: { path: '/files/{{ kind }}/{{ key }}' }
";

/// A gateway whose ERP is an archive, with the link to one invoice.
pub(crate) struct Library {
    pub(crate) url: String,
    pub(crate) link: String,
    pub(crate) asked: Arc<Mutex<Vec<DocumentKey>>>,
    pub(crate) client: Client,
    _stop: oneshot::Sender<Stop>,
    // The systems of the configuration; nobody asks them.
    _demo: demo::Demo,
}

fn invoice(number: &str) -> DocumentRecord {
    DocumentRecord {
        kind: DocumentKind::Invoice,
        number: number.into(),
        issued_at: None,
        key: Some("guid-4711".into()),
    }
}

impl Library {
    /// With the archive as the ERP's orders.
    pub(crate) async fn with(content: Content, number: &str, more: &str) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        let erp = |mut parts: Parts| {
            let erp = parts
                .systems
                .iter_mut()
                .find(|system| system.name.as_str() == "erp");
            let erp = erp.expect("the demo has one");
            erp.orders = Some(Arc::new(Archive {
                name: erp.name.clone(),
                content,
                asked: noted,
            }));
            parts
        };
        Self::open("erp", number, asked, more, "", erp).await
    }

    /// With a system of its own at this address.
    pub(crate) async fn mapped(url: &str) -> Self {
        let system = MAPPED.replace("${url}", url);
        let more = "limits: { deadline_ms: 60000 }";
        Self::open("files", "INV-1001", Arc::default(), more, &system, |parts| parts).await
    }

    async fn open(
        system: &str,
        number: &str,
        asked: Arc<Mutex<Vec<DocumentKey>>>,
        more: &str,
        systems: &str,
        change: impl FnOnce(Parts) -> Parts,
    ) -> Self {
        let client = builder().build().expect("a client");
        let demo = demo::start().await.expect("the demo systems start");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let yaml = demo::configuration(&demo).replacen("\nsystems:\n", &format!("\nsystems:\n{systems}"), 1);
        let parts = change(parts(&format!("public_url: {url}/\n{more}\n{yaml}")));
        let gateway = Gateway::new(parts);
        let link = gateway
            .document_link(&system.into(), &invoice(number))
            .expect("a link");
        let without_content = DocumentRecord {
            key: None,
            ..invoice(number)
        };
        assert_eq!(gateway.document_link(&system.into(), &without_content), None);
        for other in ["wms", "nobody"] {
            assert_eq!(gateway.document_link(&other.into(), &invoice(number)), None);
        }
        let front = Arc::new(Front {
            gateway: gateway.into(),
            identity: None,
            sockets: front::Sockets::default(),
            streams: front::Streams::new(front::StreamLimits {
                all: 1,
                per_address: None,
            }),
            life: Arc::new(Process::default()).life(),
            playground: page(),
            body_bytes: 1024,
            body_timeout: Duration::from_secs(10),
            cors: Cors::default(),
            url_bytes: 1024,
            batch: None,
            documents: Documents::default(),
        });
        let routes: Router = front::routes(front.clone());
        let config = Config::parse("test.yaml", &yaml).expect("the configuration is read");
        let server = config::server(&config, "test.yaml", &yaml).expect("it is valid");
        let serving = Serving::new(Generation {
            routes,
            front,
            limits: server.limits,
        });
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(front::serve(listener, Arc::new(serving), None, async move {
            // A dropped sender means the end.
            stopped.await.unwrap_or(Stop::AtOnce)
        }));
        Self {
            url,
            link: link.to_string(),
            asked,
            client,
            _stop: stop,
            _demo: demo,
        }
    }

    pub(crate) async fn start(content: Content) -> Self {
        Self::with(content, "INV-1001", "").await
    }

    pub(crate) async fn get(&self, link: &str) -> Response {
        self.client.get(link).send().await.expect("a head")
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
