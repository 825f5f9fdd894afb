//! Stripe's published test numbers, under the names of their tokens.

use super::{Aftermath, Authentication, Behaviour};

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestCard {
    pub(super) number: &'static str,
    /// `pm_card_` before it makes the token. State files hold these names: rename none.
    pub(super) name: &'static str,
    pub(super) brand: &'static str,
    pub(super) funding: &'static str,
    pub(super) country: &'static str,
    pub(super) behaviour: Behaviour,
}

impl TestCard {
    const fn visa(number: &'static str, name: &'static str) -> Self {
        Self {
            number,
            name,
            brand: "visa",
            funding: "credit",
            country: "US",
            behaviour: Behaviour::GOOD,
        }
    }

    const fn brand(mut self, brand: &'static str) -> Self {
        self.brand = brand;
        self
    }

    const fn funding(mut self, funding: &'static str) -> Self {
        self.funding = funding;
        self
    }

    const fn country(mut self, country: &'static str) -> Self {
        self.country = country;
        self
    }

    const fn with(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    const fn declines(self, code: &'static str, decline_code: &'static str) -> Self {
        self.with(Behaviour::GOOD.declines(code, decline_code))
    }
}

const GOOD: Behaviour = Behaviour::GOOD;
const ALWAYS: Behaviour = GOOD.asks(Authentication::Always);

const fn disputes(reason: &'static str, count: i64) -> Behaviour {
    GOOD.then(Aftermath::Disputes { reason, count })
}

/// Any other number that looks real: refused, as a live card in test mode.
pub(super) const UNKNOWN: TestCard = TestCard::visa("", "unknown")
    .brand("unknown")
    .declines("card_declined", "test_mode_live_card");

#[rustfmt::skip] // One card per line, as in the table it comes from.
pub(super) const NUMBERS: &[TestCard] = &[
    TestCard::visa("4242424242424242", "visa"),
    TestCard::visa("4000056655665556", "visa_debit").funding("debit"),
    TestCard::visa("5555555555554444", "mastercard").brand("mastercard"),
    TestCard::visa("2223003122003222", "mastercard_2_series").brand("mastercard"),
    TestCard::visa("5200828282828210", "mastercard_debit").brand("mastercard").funding("debit"),
    TestCard::visa("5105105105105100", "mastercard_prepaid").brand("mastercard").funding("prepaid"),
    TestCard::visa("378282246310005", "amex").brand("amex"),
    TestCard::visa("371449635398431", "amex_2").brand("amex"),
    TestCard::visa("6011111111111117", "discover").brand("discover"),
    TestCard::visa("3056930009020004", "diners").brand("diners"),
    TestCard::visa("3566002020360505", "jcb").brand("jcb").country("JP"),
    TestCard::visa("6200000000000005", "unionpay").brand("unionpay"),
    // Countries.
    TestCard::visa("4000000760000002", "br").country("BR"),
    TestCard::visa("4000001240000000", "ca").country("CA"),
    TestCard::visa("4000004840008001", "mx").country("MX"),
    TestCard::visa("4000003920000003", "jp").country("JP"),
    TestCard::visa("3530111333300000", "jcb_jp").brand("jcb").country("JP"),
    // Declines.
    TestCard::visa("4000000000000002", "visa_chargeDeclined").declines("card_declined", "generic_decline"),
    TestCard::visa("4000000000009995", "visa_chargeDeclinedInsufficientFunds").declines("card_declined", "insufficient_funds"),
    TestCard::visa("4000000000009987", "visa_chargeDeclinedLostCard").declines("card_declined", "lost_card"),
    TestCard::visa("4000000000009979", "visa_chargeDeclinedStolenCard").declines("card_declined", "stolen_card"),
    TestCard::visa("4000000000000069", "chargeDeclinedExpiredCard").declines("expired_card", "expired_card"),
    TestCard::visa("4000000000000127", "chargeDeclinedIncorrectCvc").declines("incorrect_cvc", "incorrect_cvc"),
    TestCard::visa("4000000000000119", "chargeDeclinedProcessingError").declines("processing_error", "processing_error"),
    TestCard::visa("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded").declines("card_declined", "card_velocity_exceeded"),
    TestCard::visa("4000000000000341", "chargeCustomerFail").with(GOOD.declines("card_declined", "generic_decline").attachable()),
    TestCard::visa("4100000000000019", "radarBlock").declines("card_declined", "fraudulent"),
    // The bank asks.
    TestCard::visa("4000002500003155", "authenticationRequiredOnSetup").with(GOOD.asks(Authentication::UnlessSetUp)),
    TestCard::visa("4000002760003184", "authenticationRequired").with(ALWAYS),
    TestCard::visa("4000003800000446", "authenticationRequiredSetupForOffSession").with(GOOD.asks(Authentication::OnSessionOnly)),
    TestCard::visa("4000008260003178", "authenticationRequiredChargeDeclinedInsufficientFunds")
        .with(GOOD.declines("card_declined", "insufficient_funds").attachable().asks(Authentication::UnlessSetUp)),
    TestCard::visa("4000000000003220", "threeDSecure2Required").with(ALWAYS),
    TestCard::visa("4000008400001629", "threeDSecureRequiredChargeDeclined")
        .with(GOOD.declines("card_declined", "generic_decline").attachable().asks(Authentication::Always)),
    TestCard::visa("4000008400001280", "threeDSecureRequiredProcessingError").declines("card_declined", "generic_decline"),
    TestCard::visa("4000000000003055", "threeDSecureOptional"),
    TestCard::visa("4000000000003097", "threeDSecureOptionalProcessingError"),
    // Paid now, trouble later.
    TestCard::visa("4000000000000259", "createDispute").with(disputes("fraudulent", 1)),
    TestCard::visa("4000000000002685", "createDisputeProductNotReceived").with(disputes("product_not_received", 1)),
    TestCard::visa("4000000000001976", "createDisputeInquiry").with(GOOD.then(Aftermath::Inquiry)),
    TestCard::visa("4000000404000079", "createMultipleDisputes").with(disputes("fraudulent", 2)),
    TestCard::visa("4000000000007726", "pendingRefund").with(GOOD.then(Aftermath::RefundPending)),
    TestCard::visa("4000000000005126", "refundFail").with(GOOD.then(Aftermath::RefundFails)),
    // Told apart by Stripe's fraud tools, which the sandbox does not have.
    TestCard::visa("4000000000005423", "createIssuerFraudRecord"),
    TestCard::visa("4000000000004954", "riskLevelHighest"),
    TestCard::visa("4000000000009235", "riskLevelElevated"),
    TestCard::visa("4000000000000101", "cvcCheckFail"),
    TestCard::visa("4000000000000036", "avsZipFail"),
    TestCard::visa("4000000000000028", "avsLine1Fail"),
    TestCard::visa("4000000000000010", "avsFail"),
    TestCard::visa("4000000000000044", "avsUnchecked"),
    TestCard::visa("4000000000000077", "bypassPending").with(GOOD.at_once()),
    TestCard::visa("4000003720000278", "bypassPendingInternational").with(GOOD.at_once()),
];
