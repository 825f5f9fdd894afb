//! The words of the pages.

use crate::cards::CardError;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Japanese,
}

/// Every text of the pages, one set per language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) code: &'static str,
    pub(super) pay: &'static str,
    /// `{}` is the amount.
    pub(super) pay_amount: &'static str,
    pub(super) place_order: &'static str,
    pub(super) sandbox_note: &'static str,
    pub(super) sandbox_hint: &'static str,
    pub(super) contact: &'static str,
    pub(super) email: &'static str,
    pub(super) card_details: &'static str,
    pub(super) number: &'static str,
    pub(super) expiry: &'static str,
    pub(super) expiry_hint: &'static str,
    pub(super) cvc: &'static str,
    pub(super) name: &'static str,
    pub(super) quantity: &'static str,
    /// `{}` is the price of one.
    pub(super) each: &'static str,
    pub(super) subtotal: &'static str,
    pub(super) total: &'static str,
    pub(super) cancel: &'static str,
    pub(super) error_title: &'static str,
    pub(super) email_invalid: &'static str,
    pub(super) name_missing: &'static str,
    pub(super) complete: &'static str,
    pub(super) complete_text: &'static str,
    pub(super) go_on: &'static str,
    pub(super) expired: &'static str,
    pub(super) expired_text: &'static str,
    pub(super) go_back: &'static str,
    pub(super) not_found: &'static str,
    pub(super) not_found_text: &'static str,
    pub(super) failure: &'static str,
    pub(super) subscribe: &'static str,
    pub(super) save_card: &'static str,
    pub(super) bank: &'static str,
    pub(super) bank_text: &'static str,
    pub(super) bank_yes: &'static str,
    pub(super) bank_no: &'static str,
    pub(super) bank_done: &'static str,
    pub(super) bank_failed: &'static str,
    pub(super) bank_close: &'static str,
    pub(super) method: &'static str,
    pub(super) card: &'static str,
    pub(super) konbini: &'static str,
    pub(super) sepa_debit: &'static str,
    pub(super) phone: &'static str,
    pub(super) iban: &'static str,
    pub(super) iban_invalid: &'static str,
    pub(super) full_name: &'static str,
    pub(super) promised: &'static str,
    pub(super) promised_text: &'static str,
    pub(super) promised_yes: &'static str,
    pub(super) promised_no: &'static str,
    pub(super) promised_paid: &'static str,
    pub(super) promised_failed: &'static str,
    pub(super) complete_unpaid: &'static str,
    pub(super) complete_unpaid_text: &'static str,
}

impl Language {
    /// The session's locale, or what the browser asks for.
    pub(super) fn choose(locale: &str, accepted: Option<&str>) -> Self {
        match locale {
            "auto" => Self::from_header(accepted),
            "ja" => Self::Japanese,
            _ => Self::English,
        }
    }

    /// The first of `Accept-Language` that is known, by weight.
    pub(super) fn from_header(accepted: Option<&str>) -> Self {
        let mut wanted: Vec<(u32, Self)> = accepted
            .unwrap_or_default()
            .split(',')
            .filter_map(|entry| {
                let (tag, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
                let tag = tag.trim().to_ascii_lowercase();
                let language = match tag.split('-').next()? {
                    "ja" => Self::Japanese,
                    "en" => Self::English,
                    _ => return None,
                };
                Some((thousandths(weight.trim()), language))
            })
            .collect();
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wanted
            .first()
            .map_or(Self::English, |(_, language)| *language)
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }

    /// What is wrong with a card. Stripe's own words in English.
    pub(super) fn card_error(self, error: CardError) -> &'static str {
        if self == Self::English {
            return error.message();
        }
        match (error.code, error.decline_code) {
            ("incorrect_number" | "invalid_number", _) => "カード番号が正しくありません。",
            ("invalid_expiry_month", _) => "カードの有効期限（月）が正しくありません。",
            ("invalid_expiry_year", _) => "カードの有効期限（年）が正しくありません。",
            ("invalid_cvc" | "incorrect_cvc", _) => "セキュリティコードが正しくありません。",
            ("expired_card", _) => "カードの有効期限が切れています。",
            ("processing_error", _) => {
                "カードの処理中にエラーが発生しました。しばらくしてからもう一度お試しください。"
            }
            ("authentication_required", _) => "このお支払いには本人認証が必要です。",
            (_, Some("insufficient_funds")) => "カードの残高が不足しています。",
            (_, Some("card_velocity_exceeded")) => {
                "短時間に繰り返し使用されたか、利用限度額を超えたため、カードが拒否されました。"
            }
            (_, Some("test_mode_live_card")) => {
                "カードが拒否されました。サンドボックスではテストカードだけが使えます。"
            }
            _ => "カードが拒否されました。",
        }
    }
}

/// `0.8` -> 800; weights have at most three places.
fn thousandths(weight: &str) -> u32 {
    let (whole, places) = weight.split_once('.').unwrap_or((weight, ""));
    let places = format!("{places:0<3}");
    let whole: u32 = whole.parse().unwrap_or(0);
    whole
        .saturating_mul(1000)
        .saturating_add(places.get(..3).map_or(0, |p| p.parse().unwrap_or(0)))
}

static ENGLISH: Words = Words {
    code: "en",
    pay: "Pay",
    pay_amount: "Pay {}",
    place_order: "Place order",
    sandbox_note: "Sandbox: no money moves here.",
    sandbox_hint: "Test card 4242 4242 4242 4242, any future date, any three digits.",
    contact: "Contact",
    email: "Email",
    card_details: "Card",
    number: "Card number",
    expiry: "Expiry date",
    expiry_hint: "MM/YY",
    cvc: "Security code",
    name: "Name on card",
    quantity: "Qty",
    each: "{} each",
    subtotal: "Subtotal",
    total: "Total due",
    cancel: "Back without paying",
    error_title: "Error",
    email_invalid: "Enter a complete email address.",
    name_missing: "Enter the name on the card.",
    complete: "Payment complete",
    complete_text: "This checkout has been paid. Nothing more will be charged.",
    go_on: "Continue",
    expired: "This checkout has expired",
    expired_text: "Nothing was charged. Go back to the shop to start again.",
    go_back: "Back to the shop",
    not_found: "Nothing here",
    not_found_text: "There is no checkout at this address. It may belong to another sandbox.",
    failure: "Something went wrong",
    subscribe: "Subscribe",
    save_card: "Save card",
    bank: "Your bank asks: is it you?",
    bank_text: "This stands for the page of the customer's bank (3D Secure).",
    bank_yes: "Yes, approve",
    bank_no: "No, refuse",
    bank_done: "Approved",
    bank_failed: "Not approved",
    bank_close: "Nothing more is asked here.",
    method: "Pay by",
    card: "Card",
    konbini: "Convenience store (konbini)",
    sepa_debit: "SEPA debit",
    phone: "Phone number",
    iban: "IBAN",
    iban_invalid: "Enter a complete IBAN.",
    full_name: "Name",
    promised: "Payment pending",
    promised_text: "This stands for the store or the bank: decide how it ends. By itself it ends after a while.",
    promised_yes: "The money has come",
    promised_no: "It never will",
    promised_paid: "Paid",
    promised_failed: "Not paid",
    complete_unpaid: "Order received",
    complete_unpaid_text: "The payment is still to come.",
};

static JAPANESE: Words = Words {
    code: "ja",
    pay: "お支払い",
    pay_amount: "{} を支払う",
    place_order: "注文を確定する",
    sandbox_note: "サンドボックス：実際の決済は行われません。",
    sandbox_hint: "テストカード 4242 4242 4242 4242、有効期限は未来の日付、セキュリティコードは任意の3桁。",
    contact: "連絡先",
    email: "メールアドレス",
    card_details: "カード情報",
    number: "カード番号",
    expiry: "有効期限",
    expiry_hint: "月/年 (MM/YY)",
    cvc: "セキュリティコード",
    name: "カード名義",
    quantity: "数量",
    each: "単価 {}",
    subtotal: "小計",
    total: "合計",
    cancel: "支払わずに戻る",
    error_title: "エラー",
    email_invalid: "メールアドレスを正しく入力してください。",
    name_missing: "カード名義を入力してください。",
    complete: "お支払いが完了しました",
    complete_text: "この決済は完了しています。これ以上請求されることはありません。",
    go_on: "続ける",
    expired: "この決済ページの有効期限が切れました",
    expired_text: "請求は行われていません。ショップに戻ってやり直してください。",
    go_back: "ショップに戻る",
    not_found: "ページが見つかりません",
    not_found_text: "このアドレスに決済ページはありません。別のサンドボックスのものかもしれません。",
    failure: "エラーが発生しました",
    subscribe: "申し込む",
    save_card: "カードを登録する",
    bank: "カード会社による本人認証",
    bank_text: "カード会社の本人認証（3D セキュア）画面の代わりです。",
    bank_yes: "承認する",
    bank_no: "拒否する",
    bank_done: "承認されました",
    bank_failed: "承認されませんでした",
    bank_close: "この画面での操作は完了しています。",
    method: "お支払い方法",
    card: "カード",
    konbini: "コンビニ払い",
    sepa_debit: "SEPA口座振替",
    phone: "電話番号",
    iban: "IBAN",
    iban_invalid: "IBANを正しく入力してください。",
    full_name: "お名前",
    promised: "お支払い待ち",
    promised_text: "店舗や銀行の代わりの画面です。結果を選んでください。何もしなければ、しばらくして自動的に決まります。",
    promised_yes: "入金された",
    promised_no: "入金されなかった",
    promised_paid: "お支払い済み",
    promised_failed: "お支払いされませんでした",
    complete_unpaid: "ご注文を受け付けました",
    complete_unpaid_text: "お支払いはまだ完了していません。",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_decides_and_the_browser_fills_in() {
        assert_eq!(Language::choose("ja", Some("en")), Language::Japanese);
        assert_eq!(
            Language::choose("auto", Some("ja-JP,en;q=0.8")),
            Language::Japanese
        );
        assert_eq!(
            Language::choose("auto", Some("fr, en;q=0.4, ja;q=0.9")),
            Language::Japanese
        );
        assert_eq!(Language::choose("auto", Some("fr")), Language::English);
        assert_eq!(Language::choose("fr", Some("ja")), Language::English);
        assert_eq!(Language::choose("auto", None), Language::English);
    }
}
