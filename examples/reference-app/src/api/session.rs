//! Who asks: the session's token, from the header or the cookie.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::App;
use crate::accounts::{Member, SESSION_LIFETIME, SessionToken};
use crate::problem::{Code, Problem};

/// Name of the session's cookie.
pub(crate) const COOKIE_NAME: &str = "stripegym_session";

const BEARER_SCHEME: &str = "bearer";
const COOKIE_SCHEME: &str = "cookie";

/// A member with a session that lasts. Handlers that take it never run for
/// anyone else.
pub(super) struct SignedIn(pub(super) Member);

/// The token that came with the request, whether or not it is worth anything.
pub(super) struct Credentials(Option<SessionToken>);

impl Credentials {
    fn of(headers: &HeaderMap) -> Self {
        let bearer = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        // Scheme names know no case.
        let bearer = bearer
            .and_then(|value| value.split_once(' '))
            .and_then(|(scheme, token)| {
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
            });
        // Said outright, it counts for more than a cookie that comes by itself.
        Self(
            bearer
                .or_else(|| cookie(headers))
                .and_then(SessionToken::parse),
        )
    }

    /// These, unless the body of the request has a token of its own.
    pub(super) fn unless(self, in_body: Option<&str>) -> Option<SessionToken> {
        match in_body {
            Some(token) => SessionToken::parse(token),
            None => self.0,
        }
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

/// The `Set-Cookie` of a new session. No script can read it, and it does not
/// come along when another site posts a form to us.
pub(super) fn set_cookie(token: &SessionToken, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    let token = token.expose();
    let age_s = SESSION_LIFETIME.as_secs();
    format!("{COOKIE_NAME}={token}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}")
}

/// The `Set-Cookie` that takes the session's cookie away.
pub(super) fn clear_cookie(is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE_NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}")
}

fn register_schemes(registry: &mut Registry) {
    let bearer = MetaSecurityScheme {
        ty: "http",
        description: Some("The `session_token` of a log-in."),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    let cookie = MetaSecurityScheme {
        ty: "apiKey",
        description: Some("The same, as a browser has it."),
        name: Some(COOKIE_NAME),
        key_in: Some("cookie"),
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(BEARER_SCHEME, bearer);
    registry.create_security_scheme(COOKIE_SCHEME, cookie);
}

impl<'a> ApiExtractor<'a> for Credentials {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER_SCHEME, COOKIE_SCHEME]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self::of(request.headers()))
    }
}

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_schemes(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER_SCHEME, COOKIE_SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let app: &Arc<App> = request
            .extensions()
            .get()
            .ok_or(Problem::new(Code::Internal))?;
        let token = Credentials::of(request.headers()).0;
        let member = app.member(token.as_ref()).await?;
        Ok(Self(member))
    }
}

impl App {
    /// The member whose session it is.
    pub(super) async fn member(&self, token: Option<&SessionToken>) -> Result<Member, Problem> {
        let token = token.ok_or(Problem::new(Code::NotSignedIn))?;
        let member = self.accounts.member_of(token).await?;
        member.ok_or(Problem::new(Code::NotSignedIn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn found(name: &str, value: &str) -> Option<String> {
        let name: http::HeaderName = name.parse().unwrap();
        let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
        Credentials::of(&headers)
            .0
            .map(|token| token.expose().to_owned())
    }

    #[test]
    fn a_token_is_found_in_the_header_and_among_cookies() {
        assert_eq!(
            found("authorization", &format!("bearer {TOKEN}")).as_deref(),
            Some(TOKEN)
        );
        let cookies = format!("a=b; {COOKIE_NAME}={TOKEN}; x{COOKIE_NAME}=1");
        assert_eq!(found("cookie", &cookies).as_deref(), Some(TOKEN));
        for (name, value) in [
            ("authorization", format!("Basic {TOKEN}")),
            ("authorization", TOKEN.to_owned()),
            ("authorization", format!("Bearer {TOKEN}0")),
            ("cookie", format!("x{COOKIE_NAME}={TOKEN}")),
        ] {
            assert_eq!(found(name, &value), None, "{value}");
        }
    }

    #[test]
    fn cookies_are_for_https_only_where_there_is_https() {
        let token = SessionToken::parse(TOKEN).unwrap();
        assert!(set_cookie(&token, true).ends_with("HttpOnly; SameSite=Lax; Secure"));
        assert!(set_cookie(&token, false).ends_with("HttpOnly; SameSite=Lax"));
    }
}
