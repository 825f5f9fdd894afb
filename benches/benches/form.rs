//! Writing a call down as a form, against the same pairs through `serde_urlencoded`.

use std::error::Error;

use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
use stripegym_core::client::{Call as _, Request};
use stripegym_core::id::{CustomerId, PriceId};

fn create_session(customer: &CustomerId, items: &[LineItem], urls: &ReturnUrls) -> Request {
    CreateSession::subscription(items, urls)
        .customer(customer)
        .client_reference_id("user_000042")
        .locale("ja")
        .allow_promotion_codes(true)
        .metadata("owner", "user_000042")
        .metadata("campaign", "秋の入会キャンペーン & more")
        .expand("subscription")
        .into_request()
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let customer = CustomerId::parse("cus_Tbench00000001")?;
    let items = [("price_1Sbench0001", 1), ("price_1Sbench0002", 5)]
        .map(|(price, quantity)| PriceId::parse(price).map(|price| LineItem { price, quantity }));
    let items = items.into_iter().collect::<Result<Vec<_>, _>>()?;
    let urls = ReturnUrls {
        success: "https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}".to_owned(),
        cancel: "https://shop.example.com/pricing".to_owned(),
    };
    let request = create_session(&customer, &items, &urls);
    let form = request.form();
    let pairs: Vec<_> = form.iter().collect();
    let title = format!(
        "Form of a Checkout Session, {} pairs, {} bytes",
        pairs.len(),
        form.encode().len()
    );

    println!("{}", describe());
    Table::new(&title)
        .row("serde_urlencoded of the same pairs", || {
            serde_urlencoded::to_string(&pairs)
        })
        .row("Form::encode", || form.encode())
        .at_most(Ratio::hundredths(100))
        .row("CreateSession from its arguments, encoded", || {
            create_session(&customer, &items, &urls).form().encode()
        })
        .print();
    Ok(())
}
