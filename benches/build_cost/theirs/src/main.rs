//! The program whose build is measured, with async-stripe. It is never run.

use std::error::Error;

use stripe::Client;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;
use stripe_billing::subscription::RetrieveSubscription;
use stripe_checkout::CheckoutSessionMode;
use stripe_checkout::checkout_session::{CreateCheckoutSession, CreateCheckoutSessionLineItems};
use stripe_core::customer::CreateCustomer;
use stripe_webhook::Webhook;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stripe = Client::new(std::env::var("STRIPE_SECRET_KEY")?);

    let customer = CreateCustomer::new()
        .email("hanako@example.com")
        .send(&stripe)
        .await?;

    let items = vec![CreateCheckoutSessionLineItems {
        price: Some("price_example".into()),
        quantity: Some(1),
        ..Default::default()
    }];
    let session = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Subscription)
        .line_items(items)
        .customer(customer.id.as_str())
        .success_url("https://shop.example.com/thanks")
        .cancel_url("https://shop.example.com/pricing");
    println!("{:?}", session.send(&stripe).await?.url);

    let portal = CreateBillingPortalSession::new()
        .customer(customer.id.as_str())
        .return_url("https://shop.example.com/account");
    println!("{}", portal.send(&stripe).await?.url);

    let subscription = RetrieveSubscription::new("sub_example");
    println!("{}", subscription.send(&stripe).await?.status);

    let secret = std::env::var("STRIPE_WEBHOOK_SECRET")?;
    println!(
        "{}",
        Webhook::construct_event("{}", "t=1,v1=00", &secret)?.type_
    );
    Ok(())
}
