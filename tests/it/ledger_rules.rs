//! The ledger's rules against a whole shop at the sandbox: what was bought,
//! given back, disputed and paid out ends where Stripe says the money is.

use stripegym_core::balance::RetrieveBalance;
use stripegym_core::balance_transaction::ListBalanceTransactions;
use stripegym_core::checkout::{CreateSession, LineItem, ListSessions, ReturnUrls};
use stripegym_core::client::Request;
use stripegym_core::customer::CreateCustomer;
use stripegym_core::id::{PaymentIntentId, PriceId};
use stripegym_core::invoice::ListInvoices;
use stripegym_core::invoice_payment::ListInvoicePayments;
use stripegym_core::ledger::{
    Account, BalanceSource, KnownPayments, RuleError, Transaction, balance_transaction,
    checkout_paid, invoice_paid, payment_captured, refund,
};
use stripegym_core::object::Object;
use stripegym_core::payment_intent::{
    CaptureMethod, CapturePaymentIntent, CreatePaymentIntent, ListPaymentIntents,
};
use stripegym_core::payment_method::AttachPaymentMethod;
use stripegym_core::price::{CreatePrice, Recurring};
use stripegym_core::product::CreateProduct;
use stripegym_core::refund::{CreateRefund, ListRefunds};
use stripegym_core::subscription::{CreateSubscription, ItemParam};
use stripegym_core::{Amount, ApiKey, Client, Currency, Store, Timestamp};
use stripegym_sandbox::Sandbox;
use stripegym_tests::stores;

/// Its money can be paid out at once.
const AT_ONCE: &str = "4000000000000077";
const DISPUTED: &str = "4000000000000259";

fn client(sandbox: &Sandbox) -> Client {
    Client::builder(ApiKey::parse(sandbox.secret_key()).unwrap())
        .transport(sandbox.service())
        .build()
        .unwrap()
}

async fn prices(stripe: &Client) -> (PriceId, PriceId) {
    let product = CreateProduct::new("Tea").send(stripe).await.unwrap();
    let product = product.product_id().unwrap();
    let once = CreatePrice::one_time(&product, Amount::new(4980, Currency::JPY));
    let amount = Amount::new(980, Currency::JPY);
    let monthly = CreatePrice::recurring(&product, amount, &Recurring::MONTHLY);
    let once = once.send(stripe).await.unwrap();
    let monthly = monthly.send(stripe).await.unwrap();
    (once.price_id().unwrap(), monthly.price_id().unwrap())
}

/// Buys through Checkout with a card; answers the payment.
async fn buy(sandbox: &Sandbox, price: &PriceId, card: &str) -> PaymentIntentId {
    let items = [LineItem {
        price: price.clone(),
        quantity: 1,
    }];
    let urls = ReturnUrls {
        success: "http://127.0.0.1/ok".to_owned(),
        cancel: "http://127.0.0.1/no".to_owned(),
    };
    let session = CreateSession::payment(&items, &urls)
        .send(&client(sandbox))
        .await
        .unwrap();
    let id = session.id().unwrap();
    sandbox.pay(id, card).await.unwrap();
    let paid = sandbox.object(id).unwrap();
    paid["payment_intent"].as_str().unwrap().parse().unwrap()
}

/// Sets money aside, and takes a part of it.
async fn capture(stripe: &Client) {
    let held = CreatePaymentIntent::new(Amount::new(5000, Currency::JPY))
        .payment_method(&"pm_card_visa".parse().unwrap())
        .capture_method(CaptureMethod::Manual)
        .confirm(true)
        .return_url("http://127.0.0.1/ok")
        .send(stripe)
        .await
        .unwrap();
    CapturePaymentIntent::new(&held.payment_intent_id().unwrap())
        .amount_to_capture(3000)
        .send(stripe)
        .await
        .unwrap();
}

async fn subscribe(stripe: &Client, price: &PriceId) {
    let customer = CreateCustomer::new().send(stripe).await.unwrap();
    let customer = customer.customer_id().unwrap();
    let card = AttachPaymentMethod::new(&"pm_card_visa".parse().unwrap(), &customer);
    let card = card.send(stripe).await.unwrap().id().unwrap().to_owned();
    CreateSubscription::new(&customer, &[ItemParam::new(price)])
        .default_payment_method(&card.parse().unwrap())
        .send(stripe)
        .await
        .unwrap();
}

/// A shop's day: every kind of movement once.
async fn trade(sandbox: &Sandbox) {
    let stripe = client(sandbox);
    let (once, monthly) = prices(&stripe).await;
    let bought = buy(sandbox, &once, AT_ONCE).await;
    buy(sandbox, &once, AT_ONCE).await;
    buy(sandbox, &once, DISPUTED).await;
    capture(&stripe).await;
    subscribe(&stripe, &monthly).await;
    CreateRefund::of_payment_intent(&bought)
        .amount(980)
        .send(&stripe)
        .await
        .unwrap();
    let payout = Request::post("/v1/payouts")
        .param("amount", "500")
        .param("currency", "jpy");
    let _paid_out: Object = stripe.read(payout).await.unwrap();
}

/// What the sales side tells: sessions, captures, invoices, refunds.
async fn sales(stripe: &Client) -> Vec<Transaction> {
    let mut booked = Vec::new();
    for session in ListSessions::new().send(stripe).await.unwrap().data() {
        booked.extend(checkout_paid(session, 7).unwrap());
    }
    for intent in ListPaymentIntents::new().send(stripe).await.unwrap().data() {
        booked.extend(payment_captured(intent, 7).unwrap());
    }
    for invoice in ListInvoices::new().send(stripe).await.unwrap().data() {
        let early = invoice_paid(invoice, KnownPayments::Some(&[]), 7);
        assert!(
            matches!(early, Err(RuleError::PaymentsIncomplete { .. })),
            "{early:?}"
        );
        let payments = ListInvoicePayments::new().invoice(&invoice.invoice_id().unwrap());
        let payments = payments.send(stripe).await.unwrap();
        let all = KnownPayments::All(payments.data());
        booked.extend(invoice_paid(invoice, all, 7).unwrap());
    }
    for given_back in ListRefunds::new().send(stripe).await.unwrap().data() {
        booked.extend(refund(given_back, 7).unwrap());
    }
    booked
}

/// What the balance side tells.
async fn settlements(stripe: &Client) -> Vec<Transaction> {
    let list = ListBalanceTransactions::new().expand("data.source");
    let mut booked = Vec::new();
    for transaction in list.send(stripe).await.unwrap().data() {
        let source = BalanceSource::of(transaction).unwrap();
        booked.extend(balance_transaction(transaction, &source).unwrap());
    }
    booked
}

async fn post(store: &dyn Store, entries: &[Transaction]) {
    let mut tx = store.begin().await.unwrap();
    for entry in entries {
        tx.post(entry, Timestamp::from_unix_ms(0)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn balance(store: &dyn Store, account: Account) -> i64 {
    let balances = store.read().await.unwrap().trial_balance().await.unwrap();
    let of_account = balances.iter().filter(|line| line.account == account);
    of_account.map(|line| line.balance.minor()).sum()
}

async fn open(store: &dyn Store) -> Vec<i64> {
    let open = store.read().await.unwrap().open_clearing(100).await;
    let amount = |item: &stripegym_core::store::OpenClearing| item.amount.minor();
    let mut amounts: Vec<_> = open.unwrap().iter().map(amount).collect();
    amounts.sort_unstable();
    amounts
}

stores! {
    async fn a_shops_day_ends_where_stripe_says_the_money_is(store: TestStore) {
        let sandbox = Sandbox::start().await.unwrap();
        trade(&sandbox).await;
        let stripe = client(&sandbox);
        let (sales, mut settlements) = (sales(&stripe).await, settlements(&stripe).await);

        post(&*store, &sales).await;
        assert_eq!(open(&*store).await, [980, 3000, 4000, 4980, 4980], "nothing is settled yet");
        settlements.reverse();
        post(&*store, &settlements).await;
        post(&*store, &sales).await;
        assert!(open(&*store).await.is_empty(), "all of clearing has drained");

        let told = RetrieveBalance::new().send(&stripe).await.unwrap();
        let parts = [told.available().unwrap(), told.pending().unwrap()].concat();
        let told: i64 = parts.iter().map(|part| part.amount().unwrap()).sum();
        assert_eq!(balance(&*store, Account::StripeBalance).await, told);
        assert_eq!(balance(&*store, Account::Sales).await, -(3 * 4980 + 3000 + 980));
        assert_eq!(balance(&*store, Account::Refunds).await, 980);
        assert_eq!(balance(&*store, Account::Disputes).await, 4980);
        assert_eq!(balance(&*store, Account::Bank).await, 500);
        assert!(balance(&*store, Account::Fees).await > 0);
        assert!(store.read().await.unwrap().unbalanced().await.unwrap().is_empty());
    }

    async fn what_the_events_tell_posts_the_same(store: TestStore) {
        let sandbox = Sandbox::start().await.unwrap();
        trade(&sandbox).await;
        post(&*store, &sales(&client(&sandbox)).await).await;
        let before = balance(&*store, Account::StripeClearing).await;
        let mut told = 0;
        for event in sandbox.events() {
            let object = || serde_json::to_vec(&event["data"]["object"]).unwrap();
            let entries = match event["data"]["object"]["object"].as_str().unwrap() {
                "checkout.session" => checkout_paid(&view(&object()), 9).unwrap().into_iter().collect(),
                "payment_intent" => payment_captured(&view(&object()), 9).unwrap().into_iter().collect(),
                "refund" => refund(&view(&object()), 9).unwrap(),
                _ => Vec::new(),
            };
            told += entries.len();
            post(&*store, &entries).await;
        }
        assert!(told >= 5, "three purchases, a capture and a refund");
        assert_eq!(balance(&*store, Account::StripeClearing).await, before);
    }
}

fn view<T: stripegym_core::object::View>(json: &[u8]) -> T {
    T::from_slice(json).unwrap()
}
