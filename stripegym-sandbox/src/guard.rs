//! Who may press buttons: no page of another site.
//!
//! Browsers send forms to any address, this machine's included, so a page from elsewhere could
//! press the buttons of the dashboard. It cannot hide where it comes from, though. And a name of
//! its own that it points at this machine (DNS rebinding) has dots in it, which ours have not.

use std::net::IpAddr;

use bytes::Bytes;
use http::{Request, Uri, header};

use crate::error::ApiError;

/// Refuses a request that changes something and was sent by a page of another site.
pub(crate) fn same_site(request: &Request<Bytes>, public_url: &str) -> Result<(), ApiError> {
    let refused = || ApiError::forbidden("This was sent by a page of another site.");
    let field = |name: &str| request.headers().get(name).map(|value| value.to_str());
    match field("sec-fetch-site") {
        None | Some(Ok("same-origin" | "none")) => {}
        Some(_) => return Err(refused()),
    }
    let host = field("host");
    match field("origin") {
        // Browsers never leave it out here: this is a program.
        None => Ok(()),
        Some(Ok(origin)) => {
            own_name(request, public_url)?;
            let from = origin.split_once("://").map(|(_, host)| host);
            let own = public_url.split_once("://").map(|(_, host)| host);
            let is_own = from == own || matches!(host, Some(Ok(host)) if from == Some(host));
            if is_own { Ok(()) } else { Err(refused()) }
        }
        Some(Err(_)) => Err(refused()),
    }
}

/// Refuses a request under a name that this sandbox cannot have.
pub(crate) fn own_name(request: &Request<Bytes>, public_url: &str) -> Result<(), ApiError> {
    let Some(host) = request.headers().get(header::HOST) else {
        return Ok(());
    };
    let host = host.to_str().ok().and_then(|host| host.parse::<Uri>().ok());
    let host = host.as_ref().and_then(Uri::host).unwrap_or_default();
    let public = public_url.parse::<Uri>().ok();
    let is_public = public.as_ref().and_then(Uri::host) == Some(host);
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    // Names without a dot belong to this machine, or to its own network (a container's name).
    let is_local = !host.is_empty() && !host.contains('.') || host.ends_with(".localhost");
    if is_public || is_address || is_local {
        Ok(())
    } else {
        Err(ApiError::forbidden(format!(
            "The sandbox does not answer as {host}: use its address, or a name without dots."
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::post("/dashboard/faults");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::new()).unwrap();
        same_site(&request, "https://pay.shop.test").is_ok()
    }

    #[test]
    fn only_own_pages_and_programs_may_change_something() {
        let own = ("host", "127.0.0.1:4242");
        assert!(asked(&[]));
        assert!(asked(&[own]));
        assert!(asked(&[("host", "sandbox.internal:4242")]), "a program");
        assert!(asked(&[
            own,
            ("origin", "http://127.0.0.1:4242"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(asked(&[
            ("host", "pay.shop.test"),
            ("origin", "https://pay.shop.test")
        ]));
        assert!(asked(&[
            ("host", "[::1]:4242"),
            ("origin", "http://[::1]:4242")
        ]));
        assert!(asked(&[
            ("host", "sandbox:4242"),
            ("origin", "http://sandbox:4242")
        ]));
        assert!(!asked(&[own, ("origin", "http://evil.test")]));
        assert!(!asked(&[own, ("origin", "null")]));
        assert!(!asked(&[own, ("origin", "http://127.0.0.1:9999")]));
        assert!(!asked(&[own, ("sec-fetch-site", "cross-site")]));
        assert!(!asked(&[own, ("sec-fetch-site", "same-site")]));
        assert!(!asked(&[
            ("host", "evil.test"),
            ("origin", "http://evil.test")
        ]));
    }
}
