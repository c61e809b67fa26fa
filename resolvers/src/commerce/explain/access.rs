//! Who may see what of a request's inside.

use skuery_schema::error::ErrorCode;

use crate::commerce::explain::Explain;
use crate::commerce::identity::Identity;
use crate::engine::RequestError;

/// Who may see a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Nobody.
    Nobody,
    /// Who works for the merchant.
    #[default]
    Staff,
    /// Anybody.
    Anyone,
}

/// Who may see which part. The cost is for anybody: who is refused for it must be able to see why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExplainAccess {
    /// `extensions.plan`.
    pub plan: Audience,
    /// `extensions.trace`.
    pub trace: Audience,
}

impl ExplainAccess {
    /// Refuses who asks for what is not for them, before anything is asked: a part that was left out could be taken for an
    /// empty one.
    pub(crate) fn admit(self, explain: Explain, identity: Option<&Identity>) -> Result<(), RequestError> {
        let is_staff = identity.is_some_and(|identity| identity.permissions.staff);
        for (name, asked, audience) in [
            ("plan", explain.plan, self.plan),
            ("trace", explain.trace, self.trace),
        ] {
            let message = match audience {
                _ if !asked => continue,
                Audience::Anyone => continue,
                Audience::Staff if is_staff => continue,
                Audience::Staff => format!("extensions.{name} is only for staff; the cost is for anybody"),
                Audience::Nobody => format!("extensions.{name} is not shown here; the cost is for anybody"),
            };
            let could_sign_in = audience == Audience::Staff && identity.is_none();
            let code = match could_sign_in {
                true => ErrorCode::Unauthenticated,
                false => ErrorCode::Forbidden,
            };
            return Err(RequestError::new(code, message));
        }
        Ok(())
    }
}
