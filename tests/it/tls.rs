//! TLS without a process-wide provider, beside a provider of the
//! application's, and without any CA certificates. Which certificates a process
//! trusts is told by its environment, so each case is a process of its own:
//! this test program, started again.

use std::env;
use std::process::Output;
use std::sync::Arc;

use stripegym_core::customer::CreateCustomer;
use stripegym_core::process::Chain;
use stripegym_core::{ApiError, ApiKey, Client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const BASE: &str = "TLS_TEST_BASE";
const PROVIDER: &str = "TLS_TEST_PROVIDER";

/// A Stripe with a certificate of its own authority.
struct Server {
    base: String,
    folder: tempfile::TempDir,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("ca.pem"), signed.cert.pem()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![signed.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!(
            "https://localhost:{}",
            listener.local_addr().unwrap().port()
        );
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = [0; 4096];
                if stream.read(&mut request).await.is_ok() {
                    let body = r#"{"id":"cus_tls","object":"customer"}"#;
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    drop(stream.write_all(head.as_bytes()).await);
                    drop(stream.shutdown().await);
                }
            }
        });
        Self { base, folder, task }
    }

    /// What a process says that trusts these certificates only.
    async fn call(&self, certificates: &str, provider: &str) -> String {
        let file = self.folder.path().join(certificates);
        let output: Output = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "tls::a_call_over_tls_works_or_says_what_is_missing",
                "--nocapture",
            ])
            .env_clear()
            .env(BASE, &self.base)
            .env(PROVIDER, provider)
            .env("SSL_CERT_FILE", file)
            .env("SSL_CERT_DIR", self.folder.path().join("nothing"))
            .output()
            .await
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let line = said
            .lines()
            .find_map(|line| line.split_once("CALL: "))
            .map(|(_, rest)| rest);
        line.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
            .to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_tls_works_or_says_what_is_missing() {
    if let Ok(base) = env::var(BASE) {
        return println!("CALL: {}", call(&base).await);
    }
    let server = Server::start().await;
    assert_eq!(server.call("ca.pem", "none").await, "cus_tls");
    assert_eq!(server.call("ca.pem", "useless").await, "cus_tls");
    let without = server.call("missing.pem", "none").await;
    assert!(
        without.contains("Tls") && without.contains("ca-certificates"),
        "{without}"
    );

    std::fs::write(server.folder.path().join("other.pem"), {
        rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .unwrap()
            .cert
            .pem()
    })
    .unwrap();
    let stranger = server.call("other.pem", "none").await;
    assert!(stranger.contains("Tls"), "{stranger}");
}

/// Runs in the process of its own.
async fn call(base: &str) -> String {
    if env::var(PROVIDER).as_deref() == Ok("useless") {
        // Whoever used the application's provider would find no cipher in it.
        let useless = CryptoProvider {
            cipher_suites: Vec::new(),
            ..ring::default_provider()
        };
        useless.install_default().unwrap();
    }
    let key = ApiKey::parse("sk_test_tls_fake").unwrap();
    let stripe = Client::builder(key).base(base).retries(0).build().unwrap();
    match CreateCustomer::new().send(&stripe).await {
        Ok(customer) => {
            let installed = CryptoProvider::get_default().is_some();
            let wanted = env::var(PROVIDER).as_deref() == Ok("useless");
            assert_eq!(installed, wanted, "core installs no provider");
            customer.id().unwrap().to_owned()
        }
        Err(ApiError::Connection(fault)) => {
            format!("{:?} {}", fault.kind(), Chain(&fault))
        }
        Err(other) => format!("{other:?}"),
    }
}
