//! Stripe's published test numbers.

use super::Behaviour;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestCard {
    pub(super) number: &'static str,
    pub(super) brand: &'static str,
    pub(super) funding: &'static str,
    pub(super) country: &'static str,
    pub(super) behaviour: Behaviour,
}

impl TestCard {
    const fn good(number: &'static str, brand: &'static str, funding: &'static str) -> Self {
        Self {
            number,
            brand,
            funding,
            country: "US",
            behaviour: Behaviour::Succeeds,
        }
    }

    const fn visa(number: &'static str) -> Self {
        Self::good(number, "visa", "credit")
    }

    const fn from_country(
        number: &'static str,
        brand: &'static str,
        country: &'static str,
    ) -> Self {
        Self {
            country,
            ..Self::good(number, brand, "credit")
        }
    }

    const fn behaving(number: &'static str, behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            ..Self::visa(number)
        }
    }

    pub(super) const fn declining(
        number: &'static str,
        code: &'static str,
        decline_code: &'static str,
    ) -> Self {
        Self::behaving(number, Behaviour::Declines { code, decline_code })
    }
}

const THREE_D_SECURE: Behaviour = Behaviour::NeedsAuthentication;

pub(super) const NUMBERS: &[TestCard] = &[
    TestCard::visa("4242424242424242"),
    TestCard::good("4000056655665556", "visa", "debit"),
    TestCard::good("5555555555554444", "mastercard", "credit"),
    TestCard::good("2223003122003222", "mastercard", "credit"),
    TestCard::good("5200828282828210", "mastercard", "debit"),
    TestCard::good("5105105105105100", "mastercard", "prepaid"),
    TestCard::good("378282246310005", "amex", "credit"),
    TestCard::good("371449635398431", "amex", "credit"),
    TestCard::good("6011111111111117", "discover", "credit"),
    TestCard::good("3056930009020004", "diners", "credit"),
    TestCard::from_country("3566002020360505", "jcb", "JP"),
    TestCard::good("6200000000000005", "unionpay", "credit"),
    // Countries.
    TestCard::from_country("4000000760000002", "visa", "BR"),
    TestCard::from_country("4000001240000000", "visa", "CA"),
    TestCard::from_country("4000004840008001", "visa", "MX"),
    TestCard::from_country("4000003920000003", "visa", "JP"),
    TestCard::from_country("3530111333300000", "jcb", "JP"),
    // Declines.
    TestCard::declining("4000000000000002", "card_declined", "generic_decline"),
    TestCard::declining("4000000000009995", "card_declined", "insufficient_funds"),
    TestCard::declining("4000000000009987", "card_declined", "lost_card"),
    TestCard::declining("4000000000009979", "card_declined", "stolen_card"),
    TestCard::declining("4000000000000069", "expired_card", "expired_card"),
    TestCard::declining("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
    TestCard::declining("4000000000000119", "processing_error", "processing_error"),
    TestCard::declining(
        "4000000000006975",
        "card_declined",
        "card_velocity_exceeded",
    ),
    TestCard::declining("4000000000000341", "card_declined", "generic_decline"),
    TestCard::declining("4100000000000019", "card_declined", "fraudulent"),
    // The bank asks.
    TestCard::behaving("4000002500003155", THREE_D_SECURE),
    TestCard::behaving("4000002760003184", THREE_D_SECURE),
    TestCard::behaving("4000003800000446", THREE_D_SECURE),
    TestCard::behaving("4000008260003178", THREE_D_SECURE),
    TestCard::behaving("4000000000003220", THREE_D_SECURE),
    TestCard::behaving("4000008400001629", THREE_D_SECURE),
    TestCard::behaving("4000008400001280", THREE_D_SECURE),
    TestCard::visa("4000000000003055"),
    TestCard::visa("4000000000003097"),
    // Paid now, trouble later: the later part is not modelled yet.
    TestCard::visa("4000000000000259"),
    TestCard::visa("4000000000002685"),
    TestCard::visa("4000000000001976"),
    TestCard::visa("4000000000005423"),
    TestCard::visa("4000000404000079"),
    TestCard::visa("4000000000004954"),
    TestCard::visa("4000000000009235"),
    TestCard::visa("4000000000000101"),
    TestCard::visa("4000000000000036"),
    TestCard::visa("4000000000000028"),
    TestCard::visa("4000000000000010"),
    TestCard::visa("4000000000000044"),
    TestCard::visa("4000000000007726"),
    TestCard::visa("4000000000005126"),
    TestCard::behaving("4000000000000077", Behaviour::SucceedsAvailable),
    TestCard::behaving("4000003720000278", Behaviour::SucceedsAvailable),
];
