//! A person buys, in a real browser: home, registration, checkout, a declined
//! card, a good one, the page that waits for the webhook, my page. Pictures of
//! every page are left in the target folder for whoever wants to look.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reference_app::{Config, Running, Server};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const WAIT: Duration = Duration::from_secs(20);
const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (500, 900);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_buys_on_a_desktop_in_japanese() {
    purchase("ja", DESKTOP).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_buys_on_a_phone_in_english() {
    purchase("en", PHONE).await;
}

async fn purchase(language: &'static str, size: (u32, u32)) {
    let Some(browser) = Browser::start(language, size).await else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let shop = open_shop(&folder).await;
    let page = &browser;

    page.open(&shop, "/").await;
    page.picture("1-home").await;
    page.open(&shop, "/register").await;
    page.type_into("#name", "山田 花子").await;
    page.type_into("#email", "hanako@example.com").await;
    page.type_into("#password", "correct horse battery").await;
    page.click("#terms").await;
    page.click("#privacy").await;
    page.picture("2-register").await;
    page.click("#register-submit").await;
    page.arrive("/mypage").await;
    page.find("#purchases-empty").await;

    // Out, and in again.
    page.click("#logout").await;
    page.open(&shop, "/login").await;
    page.type_into("#email", "Hanako@Example.com").await;
    page.type_into("#password", "correct horse battery").await;
    page.picture("3-login").await;
    page.click("#login-submit").await;
    page.arrive("/mypage").await;

    // Changes her mind on the hosted page.
    page.open(&shop, "/").await;
    page.click("#buy-protein").await;
    page.arrive("/c/pay/").await;
    page.picture("4-checkout").await;
    page.click("a.cancel").await;
    page.arrive("/cancel").await;
    page.picture("5-cancel").await;

    // Tries a card that is declined, then one that is not.
    page.open(&shop, "/").await;
    page.click("#buy-protein").await;
    page.arrive("/c/pay/").await;
    page.pay_with("4000000000000002").await;
    page.find("[role=alert]").await;
    page.picture("6-declined").await;
    page.pay_with("4242424242424242").await;
    page.arrive("/success-checkout").await;
    page.find("#purchase-confirmed").await;
    page.picture("7-success").await;
    page.open(&shop, "/mypage").await;
    let status = page.find("#purchases .purchase .purchase-status").await;
    assert!(!status.text().await.unwrap().is_empty());
    page.picture("8-mypage").await;

    assert_eq!(page.count("#purchases .purchase").await, 1);
    assert_eq!(page.language().await, language);
    browser.quit().await;
    shop.shutdown().await;
}

async fn open_shop(folder: &TempDir) -> Running {
    let free = |name: &str| {
        name.ends_with("BIND_ADDR")
            .then(|| "127.0.0.1:0".to_owned())
    };
    let config = Config::read(free).unwrap().in_directory(folder.path());
    Server::new(config).start().await.unwrap()
}

struct Browser {
    client: Client,
    driver: Driver,
    name: String,
}

/// chromedriver and the browser it starts, ended together.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let group = self
            .0
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = group {
            // It may have ended by itself.
            let _ended = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Browser {
    async fn start(language: &str, (width, height): (u32, u32)) -> Option<Self> {
        let Ok(mut process) = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
        else {
            stripegym_tests::skip("browser: no chromedriver on the PATH");
            return None;
        };
        let mut words = BufReader::new(process.stdout.take().unwrap()).lines();
        let driver = Driver(process);
        let port = loop {
            let line = words
                .next_line()
                .await
                .unwrap()
                .expect("chromedriver says its port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let options = json!({
            "goog:chromeOptions": { "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                "--no-first-run", "--disable-background-networking", "--disable-sync",
                "--disable-component-update", "--disable-quic",
                format!("--lang={language}"), format!("--accept-lang={language}"),
                format!("--window-size={width},{height}"),
            ]},
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let serde_json::Value::Object(capabilities) = options else {
            unreachable!()
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Some(Self {
            client,
            driver,
            name: format!("{language}-{width}"),
        })
    }

    async fn open(&self, shop: &Running, path: &str) {
        self.client
            .goto(&format!("{}{path}", shop.url()))
            .await
            .unwrap();
    }

    async fn find(&self, css: &str) -> fantoccini::elements::Element {
        let wait = self.client.wait().at_most(WAIT);
        match wait.for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("failed").await;
                panic!(
                    "{css} on {}: {error}",
                    self.client.current_url().await.unwrap()
                );
            }
        }
    }

    async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    async fn click(&self, css: &str) {
        // A button is enabled once its page is ready for it.
        let ready = format!("{css}:not([disabled])");
        let element = self.find(&ready).await;
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        let argument = serde_json::to_value(&element).unwrap();
        self.client.execute(script, vec![argument]).await.unwrap();
        if let Err(error) = element.click().await {
            self.picture("failed").await;
            panic!("{css}: {error}");
        }
    }

    async fn type_into(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn pay_with(&self, card: &str) {
        self.type_into("#number", card).await;
        self.type_into("#expiry", "12/40").await;
        self.type_into("#cvc", "123").await;
        self.type_into("#name", "Hanako Yamada").await;
        self.click("button[type=submit]").await;
    }

    /// Waits until the address holds this.
    async fn arrive(&self, part: &str) {
        let arrived = async || {
            let url = self.client.current_url().await.ok()?;
            url.as_str().contains(part).then_some(())
        };
        stripegym_tests::until(&format!("the browser is at {part}"), arrived).await;
    }

    async fn language(&self) -> String {
        let script = "return document.documentElement.lang";
        let found = self.client.execute(script, Vec::new()).await.unwrap();
        found.as_str().unwrap_or_default().to_owned()
    }

    async fn picture(&self, page: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        let png = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{}-{page}.png", self.name)), png).unwrap();
    }

    async fn quit(self) {
        self.client.close().await.unwrap();
        drop(self.driver);
    }
}
