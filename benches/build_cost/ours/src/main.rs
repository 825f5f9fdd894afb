//! The program whose build is measured, with stripegym. It is never run.

use std::error::Error;

use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
use stripegym_core::customer::CreateCustomer;
use stripegym_core::id::{PriceId, SubscriptionId};
use stripegym_core::portal::CreatePortalSession;
use stripegym_core::subscription::RetrieveSubscription;
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{ApiKey, Client, WebhookSecret};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stripe = Client::new(ApiKey::parse(&std::env::var("STRIPE_SECRET_KEY")?)?);

    let customer = CreateCustomer::new()
        .email("hanako@example.com")
        .send(&stripe)
        .await?;
    let customer = customer.customer_id()?;

    let items = [LineItem {
        price: PriceId::parse("price_example")?,
        quantity: 1,
    }];
    let urls = ReturnUrls {
        success: "https://shop.example.com/thanks".into(),
        cancel: "https://shop.example.com/pricing".into(),
    };
    let session = CreateSession::subscription(&items, &urls).customer(&customer);
    println!("{:?}", session.send(&stripe).await?.url()?);

    let portal = CreatePortalSession::new(&customer).return_url("https://shop.example.com/account");
    println!("{}", portal.send(&stripe).await?.url()?);

    let subscription = RetrieveSubscription::new(&SubscriptionId::parse("sub_example")?);
    println!("{:?}", subscription.send(&stripe).await?.status()?);

    let verifier = Verifier::new(WebhookSecret::parse(&std::env::var(
        "STRIPE_WEBHOOK_SECRET",
    )?)?);
    let received = Received::new("{}".into(), Some(b"t=1,v1=00"));
    println!("{}", received.verify(&verifier)?.parse()?.kind());
    Ok(())
}
