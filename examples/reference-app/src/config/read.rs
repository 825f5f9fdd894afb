//! One function per setting; each error says what to write instead.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use stripegym_core::id::PriceId;
use stripegym_core::{ApiKey, WebhookSecret};

use super::{Account, Config, ConfigError, DatabaseAddress, LogLevel, Prices, Stripe};

const LEASE_S_DEFAULT: u64 = 60;
const LEASE_S_MAX: u64 = 3600;

/// The environment, or a test's stand-in for it.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn config(variables: Variables<'_>) -> Result<Config, ConfigError> {
    refuse_weakening(variables)?;
    Ok(Config {
        bind: socket(variables, "BIND_ADDR", "127.0.0.1:8080")?,
        frontend_url: frontend_url(variables)?,
        database: database(variables)?,
        stripe: stripe(variables)?,
        log_level: log_level(variables)?,
        lease: lease(variables)?,
        directory: PathBuf::from("."),
    })
}

/// A variable's value; blank counts as not set, as in a template not filled in.
fn value(variables: Variables<'_>, name: &str) -> Option<String> {
    let value = variables(name)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// StripeGym could be told to skip its checks; this must not look as if it could.
fn refuse_weakening(variables: Variables<'_>) -> Result<(), ConfigError> {
    let is = |name, words: &[&str]| {
        value(variables, name)
            .is_some_and(|value| words.contains(&value.to_ascii_lowercase().as_str()))
    };
    if is("WTF_CSRF_ENABLED", &["false", "0", "no", "off"]) {
        return Err(ConfigError::new(
            "WTF_CSRF_ENABLED",
            "cannot be turned off: other sites could then act for your users; remove it",
        ));
    }
    if is(
        "STRIPE_WEBHOOK_BYPASS_SIGNATURE",
        &["true", "1", "yes", "on"],
    ) {
        return Err(ConfigError::new(
            "STRIPE_WEBHOOK_BYPASS_SIGNATURE",
            "does not exist here: anyone could then forge payments; remove it",
        ));
    }
    Ok(())
}

fn socket(
    variables: Variables<'_>,
    name: &'static str,
    default: &str,
) -> Result<SocketAddr, ConfigError> {
    let value = value(variables, name).unwrap_or_else(|| default.to_owned());
    value.parse().map_err(|_| {
        ConfigError::new(
            name,
            format!("is {value:?}; it must be an address such as {default}"),
        )
    })
}

fn frontend_url(variables: Variables<'_>) -> Result<Option<String>, ConfigError> {
    value(variables, "FRONTEND_URL")
        .map(|url| base_url("FRONTEND_URL", &url))
        .transpose()
}

/// An absolute address to which paths can be appended.
fn base_url(name: &'static str, url: &str) -> Result<String, ConfigError> {
    let no = || {
        let problem = "must be an address such as https://shop.example.com, without a query";
        ConfigError::new(name, problem)
    };
    let uri: http::Uri = url.parse().map_err(|_| no())?;
    let scheme_fits = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    if !scheme_fits || !has_host || url.contains(['?', '#', '@']) {
        return Err(no());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn database(variables: Variables<'_>) -> Result<Option<DatabaseAddress>, ConfigError> {
    // The value is not repeated: it may hold a password.
    let no = || {
        ConfigError::new(
            "DATABASE_URL",
            "must look like sqlite:PATH or postgres://USER@HOST/NAME",
        )
    };
    value(variables, "DATABASE_URL")
        .map(|address| DatabaseAddress::parse(&address).ok_or_else(no))
        .transpose()
}

fn stripe(variables: Variables<'_>) -> Result<Stripe, ConfigError> {
    const KEY: &str = "STRIPE_SECRET_KEY";
    let Some(key) = variables(KEY) else {
        if value(variables, "STRIPE_API_BASE").is_some() {
            let problem = "is set but STRIPE_SECRET_KEY is not; set both or neither";
            return Err(ConfigError::new("STRIPE_API_BASE", problem));
        }
        let sandbox = socket(variables, "SANDBOX_BIND_ADDR", "127.0.0.1:4242")?;
        return Ok(Stripe::Offline { sandbox });
    };
    if key.trim().is_empty() {
        // A deployment whose key got lost must not quietly sell for nothing.
        let problem = "is set but empty; fill it in, or unset it to run on the built-in sandbox";
        return Err(ConfigError::new(KEY, problem));
    }
    let key = ApiKey::parse(key.trim()).map_err(|e| ConfigError::new(KEY, format!("is no {e}")))?;
    let base = value(variables, "STRIPE_API_BASE")
        .map(|base| base_url("STRIPE_API_BASE", &base))
        .transpose()?;
    let account = Account {
        key,
        base,
        webhook_secrets: secrets(variables)?,
        prices: prices(variables)?,
    };
    Ok(Stripe::Api(Box::new(account)))
}

fn secrets(variables: Variables<'_>) -> Result<Vec<WebhookSecret>, ConfigError> {
    const NAME: &str = "STRIPE_WEBHOOK_SECRET";
    let list = value(variables, NAME).ok_or_else(|| {
        let problem =
            "is required with STRIPE_SECRET_KEY; the dashboard or `stripe listen` shows it";
        ConfigError::new(NAME, problem)
    })?;
    WebhookSecret::parse_list(&list).map_err(|e| ConfigError::new(NAME, format!("holds no {e}")))
}

fn prices(variables: Variables<'_>) -> Result<Prices, ConfigError> {
    let price = |name| {
        value(variables, name)
            .map(|id| {
                PriceId::parse(&id).map_err(|e| ConfigError::new(name, format!("is wrong: {e}")))
            })
            .transpose()
    };
    let protein = price("PRICE_ID")?.ok_or_else(|| {
        let problem = "is required with STRIPE_SECRET_KEY: the id (price_...) of what is for sale";
        ConfigError::new("PRICE_ID", problem)
    })?;
    Ok(Prices {
        protein,
        standard: price("STANDARD_PRICE_ID")?,
        premium: price("PREMIUM_PRICE_ID")?,
    })
}

fn log_level(variables: Variables<'_>) -> Result<LogLevel, ConfigError> {
    let Some(word) = value(variables, "LOG_LEVEL") else {
        return Ok(LogLevel::Info);
    };
    // Python's names as well: StripeGym's settings keep working.
    match word.to_ascii_lowercase().as_str() {
        "error" | "critical" => Ok(LogLevel::Error),
        "warn" | "warning" => Ok(LogLevel::Warn),
        "info" => Ok(LogLevel::Info),
        "debug" => Ok(LogLevel::Debug),
        "trace" => Ok(LogLevel::Trace),
        _ => {
            let problem = format!("is {word:?}; it must be error, warn, info, debug or trace");
            Err(ConfigError::new("LOG_LEVEL", problem))
        }
    }
}

fn lease(variables: Variables<'_>) -> Result<Duration, ConfigError> {
    let Some(text) = value(variables, "LEASE_SECONDS") else {
        return Ok(Duration::from_secs(LEASE_S_DEFAULT));
    };
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (1..=LEASE_S_MAX).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        let problem = format!("is {text:?}; it must be a number from 1 to {LEASE_S_MAX}");
        ConfigError::new("LEASE_SECONDS", problem)
    })
}
