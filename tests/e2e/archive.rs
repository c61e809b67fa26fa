//! A system that has nothing but documents, and hands them out well or badly.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream;
use skuery_resolvers::error::{ErrorKind, LookupError};
use skuery_resolvers::port::orders::{
    DocumentBody, DocumentKey, DocumentRecord, FulfillmentRecord, OrderAbilities, OrderPage, OrderQuestion,
    Orders, Owner,
};
use skuery_resolvers::port::{Answer, Answers, ByKey, Call, Port, PortLookup};
use skuery_schema::ids::SystemName;

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
        Box::pin(async { Ok(ByKey::new()) })
    }

    fn documents<'a>(
        &'a self,
        _: Call,
        _: &'a Owner,
        _: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[DocumentRecord]>> {
        Box::pin(async { Ok(ByKey::new()) })
    }

    fn document<'a>(&'a self, _: Call, key: &'a DocumentKey) -> Answer<'a, DocumentBody> {
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
