use super::*;

#[test]
fn the_defaults_build() {
    let key = ApiKey::parse("sk_test_example").unwrap();
    assert!(Client::builder(key.clone()).build().is_ok());
    assert_eq!(
        format!("{:?}", Client::new(key)),
        "Client(https://api.stripe.com, ApiKey(test, redacted))"
    );
}

#[test]
fn a_base_that_cannot_work_is_refused_at_once() {
    let build = |key: &str, base: &str| {
        Client::builder(ApiKey::parse(key).unwrap())
            .base(base)
            .build()
            .map(|_| ())
    };
    for bad in [
        "",
        "api.stripe.com",
        "ftp://x",
        "http://",
        "https://x/?a=b",
        "/v1",
    ] {
        assert_eq!(
            build("sk_test_example", bad),
            Err(ConfigError::Base),
            "{bad}"
        );
    }
    assert_eq!(build("sk_test_example", "http://127.0.0.1:4242/"), Ok(()));
    let live = build("sk_live_notarealkey", "http://127.0.0.1:4242");
    assert_eq!(live, Err(ConfigError::LiveKeyOverHttp));
}
