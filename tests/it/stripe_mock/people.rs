//! Customers, payment methods, the portal, events, endpoints, clocks.

use stripegym_core::client::TimeRange;
use stripegym_core::customer::{
    Address, CreateCustomer, DeleteCustomer, ListCustomers, RetrieveCustomer, SearchCustomers,
    UpdateCustomer,
};
use stripegym_core::discount::DiscountParam;
use stripegym_core::event_record::{ListEvents, RetrieveEvent};
use stripegym_core::id::CustomerId;
use stripegym_core::payment_method::{
    AllowRedisplay, AttachPaymentMethod, DetachPaymentMethod, ListCustomerPaymentMethods,
    ListPaymentMethods, RetrievePaymentMethod, UpdatePaymentMethod,
};
use stripegym_core::portal::{
    CreatePortalConfiguration, CreatePortalSession, ListPortalConfigurations, PortalCancelMode,
    PortalFeatures, PortalFlow, PortalProduct, RetrievePortalConfiguration,
    UpdatePortalConfiguration,
};
use stripegym_core::subscription::ProrationBehavior;
use stripegym_core::test_clock::{
    AdvanceTestClock, CreateTestClock, DeleteTestClock, ListTestClocks, RetrieveTestClock,
};
use stripegym_core::webhook_endpoint::{
    CreateWebhookEndpoint, DeleteWebhookEndpoint, ListWebhookEndpoints, RetrieveWebhookEndpoint,
    UpdateWebhookEndpoint,
};

use super::{Checks, id};

pub(super) async fn check(checks: &Checks) {
    customers(checks).await;
    payment_methods(checks).await;
    portal(checks).await;
    events(checks).await;
    clocks(checks).await;
}

fn address() -> Address {
    Address::new()
        .line1("1-2-3")
        .line2("4F")
        .city("千代田区")
        .state("東京都")
        .postal_code("100-0001")
        .country("JP")
}

async fn customers(checks: &Checks) {
    let customer: CustomerId = id("cus_1");
    let create = CreateCustomer::new()
        .email("hanako@example.com")
        .name("山田花子")
        .phone("03-1234")
        .description("x")
        .address(&address())
        .balance(-500)
        .payment_method(&id("pm_1"))
        .default_payment_method(&id("pm_1"))
        .preferred_locales(&["ja", "en"])
        .test_clock(&id("clock_1"))
        .metadata("user", "41")
        .expand("default_source");
    checks.one(create).await;
    checks.one(RetrieveCustomer::new(&customer)).await;
    let update = UpdateCustomer::new(&customer)
        .email("")
        .name("花子")
        .phone("")
        .description("")
        .address(&address())
        .balance(0)
        .default_payment_method(&id("pm_1"))
        .preferred_locales(&["ja"])
        .metadata("user", "");
    checks.one(update).await;
    checks.one(DeleteCustomer::new(&customer)).await;
    let list = ListCustomers::new()
        .email("a@example.com")
        .created(TimeRange::between(1, 2))
        .test_clock(&id("clock_1"))
        .limit(3)
        .starting_after(&customer)
        .ending_before(&customer)
        .expand("data.default_source");
    checks.list(list).await;
    let search = SearchCustomers::new("email:'a@example.com'")
        .limit(3)
        .page("p");
    checks.search(search).await;
}

async fn payment_methods(checks: &Checks) {
    let (method, customer) = (id("pm_1"), id("cus_1"));
    checks.one(RetrievePaymentMethod::new(&method)).await;
    let update = UpdatePaymentMethod::new(&method)
        .allow_redisplay(AllowRedisplay::Always)
        .name("花子")
        .email("hanako@example.com")
        .phone("03-1234")
        .address(&address())
        .card_exp_month(12)
        .card_exp_year(2030)
        .metadata("k", "v");
    checks.one(update).await;
    let list = ListPaymentMethods::new()
        .customer(&customer)
        .kind("card")
        .allow_redisplay(AllowRedisplay::Limited)
        .limit(3)
        .starting_after(&method)
        .ending_before(&method);
    checks.list(list).await;
    let list = ListCustomerPaymentMethods::new(&customer)
        .kind("card")
        .allow_redisplay(AllowRedisplay::Unspecified)
        .limit(3)
        .starting_after(&method)
        .ending_before(&method);
    checks.list(list).await;
    checks
        .one(AttachPaymentMethod::new(&method, &customer))
        .await;
    checks.one(DetachPaymentMethod::new(&method)).await;
}

async fn portal(checks: &Checks) {
    let (subscription, price) = (id("sub_1"), id("price_1"));
    let coupon = id("SPRING");
    let flows = [
        PortalFlow::payment_method_update().then_say("ありがとう"),
        PortalFlow::subscription_cancel(&subscription).then_redirect("https://a.example"),
        PortalFlow::subscription_cancel_or(&subscription, &coupon),
        PortalFlow::subscription_update(&subscription),
        PortalFlow::subscription_update_confirm(&subscription, &id("si_1"), &price, 2)
            .discount(&DiscountParam::coupon(&coupon)),
    ];
    for flow in flows {
        let session = CreatePortalSession::new(&id("cus_1"))
            .return_url("https://a.example/back")
            .configuration(&id("bpc_1"))
            .flow(&flow)
            .locale("ja");
        checks.one(session).await;
    }
    let pause = PortalFlow::subscription_pause(&subscription);
    checks
        .newer(
            CreatePortalSession::new(&id("cus_1")).flow(&pause),
            "the flow is of 2026-10-28",
            "customer=cus_1&flow_data[type]=subscription_pause\
             &flow_data[subscription_pause][subscription]=sub_1",
        )
        .await;

    let features = PortalFeatures::new()
        .payment_method_update(true)
        .invoice_history(true)
        .customer_update(&["email", "address"])
        .subscription_cancel(&PortalCancelMode::AtPeriodEnd)
        .subscription_update(
            &[PortalProduct::new(&id("prod_1"), &[&price, &id("price_2")])],
            &ProrationBehavior::None,
        );
    let create = CreatePortalConfiguration::new(&features)
        .name("標準")
        .default_return_url("https://a.example")
        .headline("x")
        .privacy_policy_url("https://a.example/p")
        .terms_of_service_url("https://a.example/t")
        .login_page(true)
        .metadata("k", "v");
    checks.one(create).await;
    let configuration = id("bpc_1");
    checks
        .one(RetrievePortalConfiguration::new(&configuration))
        .await;
    let update = UpdatePortalConfiguration::new(&configuration)
        .features(&features)
        .active(true)
        .name("")
        .default_return_url("")
        .headline("")
        .login_page(false)
        .metadata("k", "");
    checks.one(update).await;
    let list = ListPortalConfigurations::new()
        .active(true)
        .is_default(true)
        .limit(3)
        .starting_after(&configuration)
        .ending_before(&configuration);
    checks.list(list).await;
}

async fn events(checks: &Checks) {
    let event = id("evt_1");
    checks.one(RetrieveEvent::new(&event)).await;
    let list = ListEvents::new()
        .kind("invoice.*")
        .types(&["invoice.paid", "invoice.voided"])
        .delivery_success(false)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&event)
        .ending_before(&event);
    checks.list(list).await;

    let create = CreateWebhookEndpoint::new("https://a.example/hook", &["*"])
        .api_version("2026-08-26.dahlia")
        .description("x")
        .connect(false)
        .metadata("k", "v");
    checks.accepts(create, "webhook_endpoint").await;
    let endpoint = id("we_1");
    checks.one(RetrieveWebhookEndpoint::new(&endpoint)).await;
    let update = UpdateWebhookEndpoint::new(&endpoint)
        .url("https://a.example/hook")
        .enabled_events(&["invoice.paid"])
        .description("")
        .disabled(true)
        .metadata("k", "");
    checks.one(update).await;
    checks.one(DeleteWebhookEndpoint::new(&endpoint)).await;
    let list = ListWebhookEndpoints::new()
        .limit(3)
        .starting_after(&endpoint)
        .ending_before(&endpoint);
    checks.list(list).await;
}

async fn clocks(checks: &Checks) {
    let clock = id("clock_1");
    checks
        .one(CreateTestClock::new(1_760_000_000).name("x"))
        .await;
    checks.one(RetrieveTestClock::new(&clock)).await;
    checks
        .one(AdvanceTestClock::new(&clock, 1_760_003_600))
        .await;
    checks.one(DeleteTestClock::new(&clock)).await;
    let list = ListTestClocks::new()
        .limit(3)
        .starting_after(&clock)
        .ending_before(&clock);
    checks.list(list).await;
}
