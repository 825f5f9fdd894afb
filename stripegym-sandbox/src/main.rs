//! The program: a local Stripe on a port.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use stripegym_sandbox::{FaultError, FaultPlan, Sandbox, StartError};
use tracing_subscriber::EnvFilter;

/// A stateful local Stripe: no account, no network, no money.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDR",
        env = "SANDBOX_BIND_ADDR",
        default_value = "127.0.0.1:4242"
    )]
    listen: SocketAddr,
    /// Repeat ids and faults: the same seed and the same requests give the same ones.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Send every event to this http:// address.
    #[arg(long, value_name = "URL", requires = "webhook_secret")]
    forward_to: Option<String>,
    /// The secret that signs what is forwarded.
    #[arg(long, value_name = "WHSEC", requires = "forward_to")]
    webhook_secret: Option<String>,
    /// Let things go wrong: none, calm, flaky, hostile, a file, or rules such as
    /// "duplicate 30%; drop 5% of invoice.*; fail-after times=1 on POST /v1/customers".
    #[arg(long, value_name = "PROFILE", value_parser = read_faults)]
    faults: Option<FaultPlan>,
    /// Keep everything in this file; without it, everything is gone at the end.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime did not start: {error}")),
    };
    match runtime.block_on(run(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&explain(&error)),
    }
}

async fn run(options: Options) -> Result<(), StartError> {
    let forwards = options.forward_to.clone();
    let mut builder = Sandbox::builder().listen(options.listen);
    if let Some(seed) = options.seed {
        builder = builder.seed(seed);
    }
    if let (Some(url), Some(secret)) = (options.forward_to, options.webhook_secret) {
        builder = builder.forward_to(url, secret);
    }
    if let Some(plan) = options.faults {
        builder = builder.faults(plan);
    }
    if let Some(path) = &options.state {
        builder = builder.state_file(path);
    }
    // Watched from the start on: a signal during the start must not be lost.
    let ended = end_signal()?;
    let sandbox = builder.start().await?;
    print(&welcome(
        &sandbox,
        forwards.as_deref(),
        options.state.is_some(),
    ));
    ended.await;
    tracing::info!("stopping");
    sandbox.shutdown().await;
    Ok(())
}

/// A file holds rules in either notation.
fn read_faults(value: &str) -> Result<FaultPlan, String> {
    let text = match std::fs::read_to_string(value) {
        Ok(text) => text,
        Err(_) => value.to_owned(),
    };
    text.parse().map_err(|error: FaultError| error.to_string())
}

fn welcome(sandbox: &Sandbox, forwards: Option<&str>, keeps: bool) -> String {
    let (url, key) = (sandbox.url(), sandbox.secret_key());
    let mut text = format!(
        "stripegym-sandbox {}: a local Stripe. No money moves here.\n\n  \
           API and pages  {url}\n  \
           Secret key     {key}  (any sk_test_... works)\n",
        env!("CARGO_PKG_VERSION"),
    );
    // Writing to a string cannot fail.
    if let Some(target) = forwards {
        writeln!(text, "  Webhooks       every event goes to {target}").ok();
    }
    if sandbox.faults()["rules"] != serde_json::json!([]) {
        writeln!(text, "  Faults         on: see {url}/dashboard/faults").ok();
    }
    if !keeps {
        text.push_str("  State          in memory; --state FILE keeps it\n");
    }
    write!(
        text,
        "\nTry it:\n  curl {url}/v1/customers -u {key}: -d email=ann@example.com\n\
         With an SDK, set its API base to {url}, for example in Python:\n  \
           stripe.StripeClient(\"{key}\", base_addresses={{\"api\": \"{url}\"}})\n\n"
    )
    .ok();
    text
}

/// One line that says what to do about it.
fn explain(error: &StartError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(text, ": {cause}").ok();
        source = cause.source();
    }
    if matches!(
        error,
        StartError::AddressInUse { .. } | StartError::Listen { .. }
    ) {
        text.push_str(
            "; choose another with --listen or SANDBOX_BIND_ADDR (port 0 takes a free one)",
        );
    }
    text
}

fn fail(message: &str) -> ExitCode {
    // Nobody is left to tell if even this cannot be written.
    writeln!(std::io::stderr(), "error: {message}").ok();
    ExitCode::FAILURE
}

fn print(text: &str) {
    let mut out = std::io::stdout();
    // A closed pipe is no reason to stop serving.
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .ok();
}

/// Ends on Ctrl-C, and on the signal that service managers send.
#[cfg(unix)]
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends on Ctrl-C.
#[cfg(not(unix))]
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
