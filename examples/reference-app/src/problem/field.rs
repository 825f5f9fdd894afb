//! What can be wrong with one field.

use crate::lang::Lang;

/// What is wrong with a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldFault {
    Name,
    NameLong,
    Email,
    EmailTaken,
    PasswordLength,
    PasswordMissing,
    PhoneLong,
    Birthdate,
    Terms,
    Privacy,
    Price,
    Quantity,
    Limit,
    Cursor,
}

impl FieldFault {
    pub(super) const fn text(self, lang: Lang) -> &'static str {
        let (en, ja) = match self {
            Self::Name => ("Enter your name.", "お名前を入力してください。"),
            Self::NameLong => (
                "Use at most 100 characters.",
                "お名前は 100 文字以内で入力してください。",
            ),
            Self::Email => (
                "Enter a valid email address.",
                "メールアドレスを正しい形で入力してください。",
            ),
            Self::EmailTaken => (
                "This email address is already registered.",
                "このメールアドレスはすでに登録されています。",
            ),
            Self::PasswordLength => (
                "Use 8 to 128 characters.",
                "パスワードは 8 文字以上 128 文字以内にしてください。",
            ),
            Self::PasswordMissing => ("Enter your password.", "パスワードを入力してください。"),
            Self::PhoneLong => (
                "Use at most 40 characters.",
                "電話番号は 40 文字以内で入力してください。",
            ),
            Self::Birthdate => (
                "Enter a valid date of birth.",
                "生年月日を正しく入力してください。",
            ),
            Self::Terms => (
                "You need to agree to the terms of use to sign up.",
                "登録には利用規約への同意が必要です。",
            ),
            Self::Privacy => (
                "You need to agree to how your data is used to sign up.",
                "登録には個人情報の取り扱いへの同意が必要です。",
            ),
            Self::Price => ("This is not for sale.", "この商品は販売していません。"),
            Self::Quantity => ("Choose from 1 to 10.", "数量は 1 から 10 までです。"),
            Self::Limit => ("Choose from 1 to 100.", "件数は 1 から 100 までです。"),
            Self::Cursor => (
                "This is not a cursor from an earlier answer.",
                "以前の応答にあるカーソルではありません。",
            ),
        };
        lang.pick(en, ja)
    }
}
