//! The login of a mapping with the credentials of the configuration.

use serde_json::{Map, Value};

use super::{Env, constant, constant_value};
use crate::connector::config::{AuthConfig, ConfigError};
use crate::connector::mapping::{AuthSpec, Mapping};
use crate::connector::template::{Target, is_single};
use crate::door::Auth;
use crate::door::secret::{Secret, SecretRef};

/// The login of the mapping with the credentials of the configuration.
pub(super) fn auth(
    mapping: &Mapping,
    given: &AuthConfig,
    settings: &Map<String, Value>,
    env: Env<'_>,
) -> Result<Auth, ConfigError> {
    // A path that is one setting may also be an address of its own, as a cloud's login has.
    let path = |source: &str| match constant_value(source, settings) {
        Ok(Some(Value::String(whole))) if is_single(source) => Ok(whole),
        _ => constant(source, Target::Segment, settings),
    };
    Ok(match &mapping.auth {
        AuthSpec::None => Auth::None,
        AuthSpec::Basic => Auth::Basic {
            login: text("login", given.login.as_ref())?,
            password: secret("password", given.password.as_ref(), env)?,
        },
        AuthSpec::Header { name, prefix } => Auth::Header {
            name: name
                .parse()
                .map_err(|_| ConfigError::new("auth", format!("`{name}` is no header name")))?,
            prefix: prefix.clone(),
            secret: secret("token", given.token.as_ref(), env)?,
        },
        AuthSpec::ClientCredentials { token_path, scope } => Auth::ClientCredentials {
            token_path: path(token_path)?,
            client_id: text("client_id", given.client_id.as_ref())?,
            client_secret: secret("client_secret", given.client_secret.as_ref(), env)?,
            scope: scope.clone(),
        },
        AuthSpec::Password { token_path } => Auth::Password {
            token_path: path(token_path)?,
            client_id: text("client_id", given.client_id.as_ref())?,
            client_secret: secret("client_secret", given.client_secret.as_ref(), env)?,
            login: text("login", given.login.as_ref())?,
            password: secret("password", given.password.as_ref(), env)?,
        },
        AuthSpec::TrytonSession => Auth::TrytonSession {
            rpc_path: path(mapping.rpc_path.as_deref().unwrap_or("/"))?,
            login: text("login", given.login.as_ref())?,
            password: secret("password", given.password.as_ref(), env)?,
        },
    })
}

fn text(name: &str, given: Option<&String>) -> Result<String, ConfigError> {
    given
        .cloned()
        .ok_or_else(|| ConfigError::new(format!("auth.{name}"), "missing"))
}

fn secret(name: &str, given: Option<&SecretRef>, env: Env<'_>) -> Result<Secret, ConfigError> {
    let path = format!("auth.{name}");
    let Some(reference) = given else {
        return Err(ConfigError::new(
            path,
            "missing: write `{ env: NAME }` or `{ file: PATH }`",
        ));
    };
    reference
        .resolve(env)
        .map_err(|problem| ConfigError::new(path, problem))
}
