//! The program whose build is measured, with stripegym. It is never run.

use std::error::Error;

use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
use stripegym_core::client::Request;
use stripegym_core::customer::CreateCustomer;
use stripegym_core::id::{CustomerId, PriceId, SubscriptionId};
use stripegym_core::webhook::{Received, Verifier};
use stripegym_core::{ApiKey, Client, WebhookSecret};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stripe = Client::new(ApiKey::parse(&std::env::var("STRIPE_SECRET_KEY")?)?);

    let customer = CreateCustomer::new()
        .email("hanako@example.com")
        .send(&stripe)
        .await?;
    let customer = CustomerId::parse(customer.id()?)?;

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

    let portal = Request::post("/v1/billing_portal/sessions")
        .param("customer", customer.as_str())
        .param("return_url", "https://shop.example.com/account");
    println!("{} bytes", stripe.execute(portal).await?.body().len());

    let subscription = SubscriptionId::parse("sub_example")?;
    let subscription = Request::get(format!("/v1/subscriptions/{subscription}"));
    println!("{}", stripe.execute(subscription).await?.status());

    let verifier = Verifier::new(WebhookSecret::parse(&std::env::var(
        "STRIPE_WEBHOOK_SECRET",
    )?)?);
    let received = Received::new("{}".into(), Some(b"t=1,v1=00"));
    println!("{}", received.verify(&verifier)?.parse()?.kind());
    Ok(())
}
