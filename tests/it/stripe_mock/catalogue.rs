//! Products, prices, coupons, promotion codes, checkout.

use stripegym_core::checkout::{
    CheckoutStatus, CollectPaymentMethod, CreateSession, CustomerCreation, ExpireSession, LineItem,
    ListLineItems, ListSessions, PaymentData, RetrieveSession, ReturnUrls, SubmitType,
    SubscriptionData, UpdateSession,
};
use stripegym_core::client::TimeRange;
use stripegym_core::coupon::{
    CreateCoupon, DeleteCoupon, Holds, ListCoupons, RetrieveCoupon, UpdateCoupon,
};
use stripegym_core::discount::DiscountParam;
use stripegym_core::payment_intent::{CaptureMethod, SetupFutureUsage};
use stripegym_core::price::{
    CreatePrice, ListPrices, PriceData, PriceType, Recurring, RetrievePrice, SearchPrices,
    TaxBehavior, UpdatePrice,
};
use stripegym_core::product::{
    CreateProduct, DeleteProduct, ListProducts, RetrieveProduct, SearchProducts, UpdateProduct,
};
use stripegym_core::promotion_code::{
    CreatePromotionCode, ListPromotionCodes, RetrievePromotionCode, UpdatePromotionCode,
};
use stripegym_core::subscription::{BillingModeType, MissingPaymentMethod};
use stripegym_core::{Amount, Currency};

use super::{Checks, id};

const YEN: Amount = Amount::new(4980, Currency::JPY);

pub(super) async fn check(checks: &Checks) {
    products(checks).await;
    prices(checks).await;
    coupons(checks).await;
    new_sessions(checks).await;
    sessions(checks).await;
}

async fn products(checks: &Checks) {
    let product = id("prod_1");
    let create = CreateProduct::new("プロテイン")
        .id(&product)
        .description("x")
        .active(true)
        .images(&["https://a.example/1.png"])
        .unit_label("袋")
        .tax_code("txcd_1")
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(RetrieveProduct::new(&product)).await;
    let update = UpdateProduct::new(&product)
        .name("x")
        .description("")
        .active(false)
        .default_price(&id("price_1"))
        .images(&["https://a.example/1.png"])
        .unit_label("")
        .tax_code("")
        .metadata("k", "");
    checks.one(update).await;
    checks.one(DeleteProduct::new(&product)).await;
    let list = ListProducts::new()
        .active(true)
        .ids(&["prod_1"])
        .created(TimeRange::before(2))
        .limit(3)
        .starting_after(&product)
        .ending_before(&product);
    checks.list(list).await;
    checks
        .search(SearchProducts::new("active:'true'").limit(3).page("p"))
        .await;
}

async fn prices(checks: &Checks) {
    let (price, product) = (id("price_1"), id("prod_1"));
    let create = CreatePrice::one_time(&product, YEN)
        .lookup_key("tea")
        .transfer_lookup_key(true)
        .nickname("x")
        .active(true)
        .tax_behavior(TaxBehavior::Inclusive)
        .metadata("k", "v");
    checks.one(create).await;
    checks
        .one(CreatePrice::recurring(&product, YEN, &Recurring::YEARLY))
        .await;
    checks.one(RetrievePrice::new(&price)).await;
    let update = UpdatePrice::new(&price)
        .active(false)
        .lookup_key("tea")
        .transfer_lookup_key(true)
        .nickname("")
        .tax_behavior(TaxBehavior::Exclusive)
        .metadata("k", "");
    checks.one(update).await;
    let list = ListPrices::new()
        .active(true)
        .product(&product)
        .lookup_keys(&["tea"])
        .price_type(PriceType::Recurring)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&price)
        .ending_before(&price);
    checks.list(list).await;
    checks
        .search(SearchPrices::new("active:'true'").limit(3).page("p"))
        .await;
}

async fn coupons(checks: &Checks) {
    let coupon = id("SPRING");
    let create = CreateCoupon::percent("12.5", Holds::Months(3))
        .id(&coupon)
        .name("春")
        .max_redemptions(10)
        .redeem_by(1_800_000_000)
        .products(&["prod_1"])
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(CreateCoupon::amount(YEN, Holds::Once)).await;
    checks
        .one(CreateCoupon::percent("25", Holds::Forever))
        .await;
    checks.one(RetrieveCoupon::new(&coupon)).await;
    checks
        .one(UpdateCoupon::new(&coupon).name("x").metadata("k", ""))
        .await;
    checks.one(DeleteCoupon::new(&coupon)).await;
    let list = ListCoupons::new()
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&coupon)
        .ending_before(&coupon);
    checks.list(list).await;

    let code = id("promo_1");
    let create = CreatePromotionCode::new(&coupon)
        .code("SPRING25")
        .active(true)
        .customer(&id("cus_1"))
        .expires_at(1_800_000_000)
        .max_redemptions(5)
        .first_time_transaction(true)
        .minimum(YEN)
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(RetrievePromotionCode::new(&code)).await;
    checks
        .one(
            UpdatePromotionCode::new(&code)
                .active(false)
                .metadata("k", ""),
        )
        .await;
    let list = ListPromotionCodes::new()
        .active(true)
        .code("SPRING25")
        .coupon(&coupon)
        .customer(&id("cus_1"))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&code)
        .ending_before(&code);
    checks.list(list).await;
}

async fn new_sessions(checks: &Checks) {
    let items = [LineItem {
        price: id("price_1"),
        quantity: 2,
    }];
    let urls = ReturnUrls {
        success: "https://a.example/ok".to_owned(),
        cancel: "https://a.example/no".to_owned(),
    };
    let payment = PaymentData::new()
        .capture_method(CaptureMethod::Manual)
        .setup_future_usage(SetupFutureUsage::OffSession)
        .receipt_email("a@example.com")
        .description("x")
        .statement_descriptor_suffix("TEA")
        .metadata("k", "v");
    let create = CreateSession::payment(&items, &urls)
        .item(
            &PriceData::named("茶", YEN).tax_behavior(TaxBehavior::Inclusive),
            1,
        )
        .item(
            &PriceData::of(&id("prod_1"), YEN).every(&Recurring::MONTHLY),
            1,
        )
        .customer(&id("cus_1"))
        .client_reference_id("41")
        .expires_at(1_800_000_000)
        .locale("ja")
        .allow_promotion_codes(true)
        .payment_intent_data(&payment)
        .payment_metadata("order", "7")
        .invoice_creation(true)
        .automatic_tax(false)
        .phone_number_collection(true)
        .shipping_countries(&["JP"])
        .recovery(true)
        .submit_type(SubmitType::Pay)
        .excluded_payment_method_types(&["konbini"])
        .metadata("k", "v");
    checks.one(create).await;
    let data = SubscriptionData::new()
        .description("x")
        .trial_period_days(14)
        .trial_end(1_800_000_000)
        .missing_payment_method(MissingPaymentMethod::Cancel)
        .billing_cycle_anchor(1_800_000_000)
        .billing_mode(BillingModeType::Flexible)
        .metadata("k", "v");
    let create = CreateSession::subscription(&items, &urls)
        .customer_email("a@example.com")
        .discounts(&[DiscountParam::promotion_code(&id("promo_1"))])
        .subscription_data(&data)
        .subscription_metadata("order", "7")
        .payment_method_collection(CollectPaymentMethod::IfRequired);
    checks.one(create).await;
    let create =
        CreateSession::setup(Currency::JPY, &urls).customer_creation(CustomerCreation::Always);
    checks.one(create).await;
}

async fn sessions(checks: &Checks) {
    let session = id("cs_test_1");
    checks
        .one(RetrieveSession::new(&session).expand("line_items"))
        .await;
    checks
        .one(UpdateSession::new(&session).metadata("k", ""))
        .await;
    checks.one(ExpireSession::new(&session)).await;
    let list = ListSessions::new()
        .customer(&id("cus_1"))
        .payment_intent(&id("pi_1"))
        .subscription(&id("sub_1"))
        .status(CheckoutStatus::Complete)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&session)
        .ending_before(&session);
    checks.list(list).await;
    let lines = ListLineItems::new(&session)
        .limit(3)
        .starting_after(&id("li_1"))
        .ending_before(&id("li_1"));
    checks.list(lines).await;
}
