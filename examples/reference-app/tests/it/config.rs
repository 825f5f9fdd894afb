//! Settings that cannot work, each told in one line that names the variable.

use std::time::Duration;

use reference_app::{LogLevel, Stripe};

use crate::shop::{settings, try_settings};

const KEY: (&str, &str) = ("STRIPE_SECRET_KEY", "sk_test_example");
const SECRET: (&str, &str) = ("STRIPE_WEBHOOK_SECRET", "whsec_example");
const PRICE: (&str, &str) = ("PRICE_ID", "price_example");

#[test]
fn a_setting_that_cannot_work_is_named_in_one_line() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("BIND_ADDR", &[("BIND_ADDR", "8080")]),
        ("SANDBOX_BIND_ADDR", &[("SANDBOX_BIND_ADDR", "localhost")]),
        ("FRONTEND_URL", &[("FRONTEND_URL", "shop.example.com")]),
        (
            "FRONTEND_URL",
            &[("FRONTEND_URL", "https://shop.example.com/?a=b")],
        ),
        (
            "FRONTEND_URL",
            &[("FRONTEND_URL", "ftp://shop.example.com")],
        ),
        (
            "DATABASE_URL",
            &[("DATABASE_URL", "mysql://shop:hunter2@db/shop")],
        ),
        ("LOG_LEVEL", &[("LOG_LEVEL", "loud")]),
        ("LEASE_SECONDS", &[("LEASE_SECONDS", "0")]),
        ("LEASE_SECONDS", &[("LEASE_SECONDS", "3601")]),
        ("LEASE_SECONDS", &[("LEASE_SECONDS", "1.5")]),
        ("WTF_CSRF_ENABLED", &[("WTF_CSRF_ENABLED", "False")]),
        (
            "STRIPE_WEBHOOK_BYPASS_SIGNATURE",
            &[("STRIPE_WEBHOOK_BYPASS_SIGNATURE", "true")],
        ),
        ("STRIPE_SECRET_KEY", &[("STRIPE_SECRET_KEY", " ")]),
        (
            "STRIPE_SECRET_KEY",
            &[("STRIPE_SECRET_KEY", "pk_test_hunter2"), SECRET, PRICE],
        ),
        ("STRIPE_WEBHOOK_SECRET", &[KEY, PRICE]),
        (
            "STRIPE_WEBHOOK_SECRET",
            &[KEY, PRICE, ("STRIPE_WEBHOOK_SECRET", "")],
        ),
        (
            "STRIPE_WEBHOOK_SECRET",
            &[
                KEY,
                PRICE,
                ("STRIPE_WEBHOOK_SECRET", "whsec_hunter2,hunter2"),
            ],
        ),
        ("PRICE_ID", &[KEY, SECRET]),
        ("PRICE_ID", &[KEY, SECRET, ("PRICE_ID", "a price")]),
        (
            "PREMIUM_PRICE_ID",
            &[KEY, SECRET, PRICE, ("PREMIUM_PRICE_ID", "a price")],
        ),
        (
            "STRIPE_API_BASE",
            &[KEY, SECRET, PRICE, ("STRIPE_API_BASE", "localhost:4242")],
        ),
        (
            "STRIPE_API_BASE",
            &[("STRIPE_API_BASE", "http://127.0.0.1:4242")],
        ),
    ];
    for (variable, pairs) in cases {
        let error = try_settings(pairs).expect_err(variable);
        let line = error.to_string();
        assert_eq!(error.variable(), *variable, "{line}");
        assert!(line.starts_with(variable), "{line}");
        assert!(!line.contains('\n') && line.len() < 200, "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn without_settings_it_is_offline_on_loopback() {
    let config = settings(&[]);
    assert!(config.is_offline());
    assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
    let Stripe::Offline { sandbox } = config.stripe else {
        panic!("not offline")
    };
    assert_eq!(sandbox.to_string(), "127.0.0.1:4242");
    assert_eq!(config.database_address().to_string(), "./stripegym.db");
    assert_eq!(
        config.state_file().to_str(),
        Some("./stripegym-sandbox.state")
    );
    assert_eq!(
        (config.lease, config.log_level),
        (Duration::from_secs(60), LogLevel::Info)
    );
}

#[test]
fn blank_counts_as_not_set_and_harmless_values_are_let_be() {
    let config = settings(&[
        ("DATABASE_URL", " "),
        ("FRONTEND_URL", ""),
        ("WTF_CSRF_ENABLED", "True"),
        ("STRIPE_WEBHOOK_BYPASS_SIGNATURE", "false"),
        ("LOG_LEVEL", "WARNING"),
    ]);
    assert!(config.is_offline() && config.database.is_none() && config.frontend_url.is_none());
    assert_eq!(config.log_level, LogLevel::Warn);
}

#[test]
fn a_key_makes_it_stripe_and_several_secrets_rotate() {
    let secrets = ("STRIPE_WEBHOOK_SECRET", "whsec_older1, whsec_newer1");
    let config = settings(&[
        KEY,
        secrets,
        PRICE,
        ("FRONTEND_URL", "https://shop.example.com/"),
    ]);
    let Stripe::Api(account) = &config.stripe else {
        panic!("offline")
    };
    assert_eq!(account.webhook_secrets.len(), 2);
    assert_eq!(
        config.frontend_url.as_deref(),
        Some("https://shop.example.com")
    );
    assert_eq!(config.database_address().to_string(), "./stripegym.db");
}

#[test]
fn printing_the_settings_prints_no_secret() {
    let config = settings(&[
        ("STRIPE_SECRET_KEY", "sk_test_hunter2"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_hunter2"),
        ("DATABASE_URL", "postgres://shop:hunter2@db/shop"),
        PRICE,
    ]);
    let printed = format!(
        "{config:?} {:?}",
        reference_app::Server::new(config.clone())
    );
    assert!(!printed.contains("hunter2"), "{printed}");
}
