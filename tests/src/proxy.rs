//! A network between the application and its database that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Forwards TCP connections until it is cut, and again once it is mended.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    open: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Forwards to `target`, as `host:port`.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let open = Arc::new(watch::Sender::new(true));
        let (gate, target) = (Arc::clone(&open), target.to_owned());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Cut: the connection is closed as soon as it is made.
                if *gate.borrow() {
                    tokio::spawn(forward(client, target.clone(), gate.subscribe()));
                }
            }
        });
        Self {
            address,
            open,
            task,
        }
    }

    /// Stands before the database of this URL; answers the URL that leads
    /// through it, too.
    ///
    /// # Panics
    /// When the URL names no host and port, or there is no free port.
    pub async fn before(url: &str) -> (Self, String) {
        let scheme = url.find("://").expect("a URL") + 3;
        let start = url.find('@').map_or(scheme, |at| at + 1);
        let length = url[start..].find('/').expect("a database's name");
        let (before, rest) = url.split_at(start);
        let (host, after) = rest.split_at(length);
        let proxy = Self::to(host).await;
        let through = format!("{before}{}{after}", proxy.address());
        (proxy, through)
    }

    /// Where to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks every connection and lets no new one through.
    pub fn cut(&self) {
        self.open.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.open.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(mut client: TcpStream, target: String, mut open: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = open.wait_for(|open| !*open) => {}
    }
}
