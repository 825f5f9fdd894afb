// Every text of the site, and the few functions that put it on the page. The HTML files carry
// the Japanese texts as their default, so a page is readable before (or without) this file.

const texts = {
  ja: {
    'site.skip': '本文へ移動',
    'site.nav': 'サイトメニュー',
    'site.footer': 'stripegym のリファレンスアプリです。',
    'nav.login': 'ログイン',
    'nav.register': '会員登録',
    'nav.mypage': 'マイページ',

    'home.title': 'stripegym — オリジナルプロテイン',
    'home.headline': '鍛えた日の、仕上げの一杯。',
    'home.lead': 'トレーニングを終えたら、シェイカーにひとすくい。毎日の習慣に、stripegym のオリジナルプロテインを。',
    'home.toProduct': '商品を見る',
    'home.toPlans': '月額プラン',
    'home.sandboxTitle': 'お試し環境で動いています',
    'home.sandboxBefore': '実際の請求は発生しません。テストカード',
    'home.sandboxAfter': 'で購入をお試しください。有効期限は未来の日付、セキュリティコードは任意の 3 桁で構いません。',

    'product.kind': '単品購入',
    'product.name': 'オリジナルプロテイン',
    'product.about': 'stripegym がお届けする、いつものプロテイン。必要なときに、必要な分だけお求めいただけます。',
    'product.once': '一度きりのご購入です。自動で更新されることはありません。',
    'product.pay': 'カード番号は決済ページで入力します。このサイトには届きません。',
    'product.record': 'ご購入の記録は、いつでもマイページで確認できます。',
    'product.buy': '購入手続きへ進む',
    'product.unavailable': 'ただいまお取り扱いしていません',
    'product.art': '色とりどりのプレートを描いたプロテインの袋と、計量スプーン',

    'plans.heading': '月額プラン',
    'plans.lead': '毎月続けたい方のためのプランを準備しています。公開まで、もうしばらくお待ちください。',
    'plans.standard': 'スタンダードプラン',
    'plans.premium': 'プレミアムプラン',
    'plans.perMonth': '/ 月',
    'plans.soon': '近日公開',

    'register.title': '会員登録 — stripegym',
    'register.heading': '会員登録',
    'register.lead': 'ご購入には会員登録が必要です。1 分ほどで終わります。',
    'register.submit': '登録する',
    'register.haveAccount': 'すでに会員の方は',
    'register.toLogin': 'ログイン',
    'register.nextBuy': '登録が済むと、そのまま購入手続きに進みます。',
    'login.title': 'ログイン — stripegym',
    'login.heading': 'ログイン',
    'login.submit': 'ログイン',
    'login.noAccount': 'はじめての方は',
    'login.toRegister': '会員登録',
    'login.nextBuy': 'ログインすると、そのまま購入手続きに進みます。',
    'login.nextMypage': 'このページを見るにはログインが必要です。',

    'field.name': 'お名前',
    'field.email': 'メールアドレス',
    'field.password': 'パスワード',
    'field.passwordHint': '8 文字以上で入力してください。',
    'field.phone': '電話番号',
    'field.birthdate': '生年月日',
    'field.optional': '任意',
    'field.showPassword': '表示',
    'field.hidePassword': '隠す',
    'field.showPasswordLabel': 'パスワードを表示',
    'field.hidePasswordLabel': 'パスワードを隠す',
    'consent.terms': '利用規約に同意します',
    'consent.termsOpen': '利用規約を読む',
    'consent.termsBody': 'お支払いは外部の決済ページで行います。ご購入の内容は、あなたのアカウントに記録されます。これは見本の規約です。運営する方は、公開前にご自身の規約に差し替えてください。',
    'consent.privacy': '個人情報の取り扱いに同意します',
    'consent.privacyOpen': '個人情報の取り扱いを読む',
    'consent.privacyBody': 'ご登録の情報と購入履歴は、アカウントの管理とご購入の記録のために使います。カード番号はこのサイトでは受け取らず、保存もしません。これは見本の文面です。運営する方は、公開前にご自身のものに差し替えてください。',

    'error.check': '入力内容をご確認ください。',
    'error.name': 'お名前を入力してください。',
    'error.email': 'メールアドレスを正しい形で入力してください。',
    'error.password': 'パスワードを入力してください。',
    'error.passwordShort': 'パスワードは 8 文字以上にしてください。',
    'error.birthdate': '生年月日を正しく入力してください。',
    'error.terms': '登録には利用規約への同意が必要です。',
    'error.privacy': '登録には個人情報の取り扱いへの同意が必要です。',
    'error.network': '通信できませんでした。接続を確認して、もう一度お試しください。',
    'error.server': 'サーバーで問題が起きました。少し待ってから、もう一度お試しください。',
    'error.checkoutAfterSignIn': 'ログインは完了しましたが、決済ページを開けませんでした。もう一度お試しください。',

    'mypage.title': 'マイページ — stripegym',
    'mypage.heading': 'マイページ',
    'mypage.loading': '読み込んでいます…',
    'mypage.profile': '会員情報',
    'mypage.since': '登録日',
    'mypage.unset': '未登録',
    'mypage.logout': 'ログアウト',
    'mypage.purchases': '購入履歴',
    'mypage.empty': 'まだご購入はありません。',
    'mypage.toProduct': '商品を見る',
    'mypage.more': 'さらに表示',
    'mypage.retry': 'もう一度読み込む',
    'mypage.added': '{count} 件を表示しました。',

    'status.paid': '支払い済み',
    'status.processing': '入金確認中',
    'status.failed': '支払い失敗',
    'status.refunded': '返金済み',

    'success.title': 'お支払いの確認 — stripegym',
    'success.waiting': 'お支払いを確認しています',
    'success.waitingBody': '決済サービスからの完了通知を待っています。ふつうは数秒で届きます。通知が届くまで、ご購入はまだ確定していません。',
    'success.confirmed': 'ご購入ありがとうございます',
    'success.confirmedBody': 'お支払いを確認しました。内容はマイページにも記録されています。',
    'success.processing': 'ご注文を受け付けました',
    'success.processingBody': '入金の確認を待っています。確認が済むと、マイページの表示が「支払い済み」に変わります。',
    'success.gaveUp': '確認に時間がかかっています',
    'success.gaveUpBody': 'お手続きの記録が失われることはありません。お支払いの確認が取れしだい、マイページの購入履歴に表示されます。もう一度購入される前に、マイページをご確認ください。',
    'success.signIn': 'ログインして確認してください',
    'success.signInBody': 'ログインの有効期限が切れたようです。ご購入の記録はアカウントに残りますので、ログインしてマイページをご覧ください。',
    'success.unknown': 'お手続きを特定できませんでした',
    'success.unknownBody': 'ページのアドレスにお手続きの番号が含まれていません。購入履歴はマイページで確認できます。',
    'success.again': 'もう一度確認する',
    'success.toMypage': 'マイページで確認する',
    'success.toHome': 'トップへ戻る',
    'receipt.product': '商品',
    'receipt.amount': '金額',
    'receipt.date': '日時',
    'receipt.status': '状態',

    'cancel.title': '購入手続きの中止 — stripegym',
    'cancel.heading': '購入手続きを中止しました',
    'cancel.body': '決済ページから戻りました。お支払いは完了していません。いつでも、はじめからお手続きいただけます。',
    'cancel.back': '商品に戻る',
    'cancel.mypage': '購入履歴を見る',

    'missing.title': 'ページが見つかりません — stripegym',
    'missing.heading': 'ページが見つかりません',
    'missing.body': 'アドレスが変わったか、入力に誤りがあるようです。',
    'missing.home': 'トップへ戻る',
  },

  en: {
    'site.skip': 'Skip to content',
    'site.nav': 'Site menu',
    'site.footer': 'The reference app of stripegym.',
    'nav.login': 'Log in',
    'nav.register': 'Sign up',
    'nav.mypage': 'My page',

    'home.title': 'stripegym — Original Protein',
    'home.headline': 'Your last rep is a shake.',
    'home.lead': 'Rack the bar, grab the shaker, add a scoop. Original Protein by stripegym, for the days you train.',
    'home.toProduct': 'See the product',
    'home.toPlans': 'Monthly plans',
    'home.sandboxTitle': 'You are in a sandbox',
    'home.sandboxBefore': 'No real money moves here. Pay with test card',
    'home.sandboxAfter': 'with any future expiry date and any three-digit security code.',

    'product.kind': 'One-time purchase',
    'product.name': 'Original Protein',
    'product.about': 'The everyday protein from stripegym. Buy it when you need it, as much as you need.',
    'product.once': 'You pay once. Nothing renews by itself.',
    'product.pay': 'Your card number goes to the payment page and never reaches this site.',
    'product.record': 'You can look up every purchase on your page at any time.',
    'product.buy': 'Go to checkout',
    'product.unavailable': 'Not available at the moment',
    'product.art': 'A bag of protein decorated with coloured weight plates, and a scoop',

    'plans.heading': 'Monthly plans',
    'plans.lead': 'For those who want to keep at it, month after month. We are getting these ready.',
    'plans.standard': 'Standard plan',
    'plans.premium': 'Premium plan',
    'plans.perMonth': '/ month',
    'plans.soon': 'Coming soon',

    'register.title': 'Sign up — stripegym',
    'register.heading': 'Create your account',
    'register.lead': 'You need an account to buy. It takes about a minute.',
    'register.submit': 'Sign up',
    'register.haveAccount': 'Already have an account?',
    'register.toLogin': 'Log in',
    'register.nextBuy': 'Once you have signed up, we take you straight to checkout.',
    'login.title': 'Log in — stripegym',
    'login.heading': 'Log in',
    'login.submit': 'Log in',
    'login.noAccount': 'New here?',
    'login.toRegister': 'Sign up',
    'login.nextBuy': 'Once you have logged in, we take you straight to checkout.',
    'login.nextMypage': 'Please log in to see that page.',

    'field.name': 'Name',
    'field.email': 'Email',
    'field.password': 'Password',
    'field.passwordHint': 'At least 8 characters.',
    'field.phone': 'Phone',
    'field.birthdate': 'Date of birth',
    'field.optional': 'optional',
    'field.showPassword': 'Show',
    'field.hidePassword': 'Hide',
    'field.showPasswordLabel': 'Show password',
    'field.hidePasswordLabel': 'Hide password',
    'consent.terms': 'I agree to the terms of use',
    'consent.termsOpen': 'Read the terms of use',
    'consent.termsBody': 'You pay on a separate payment page. What you buy is recorded in your account. These are sample terms: if you run this shop, put your own here before you open it.',
    'consent.privacy': 'I agree to how my data is used',
    'consent.privacyOpen': 'Read how your data is used',
    'consent.privacyBody': 'We use your details and purchase history to run your account and to keep a record of what you bought. This site never receives or stores your card number. This is a sample text: if you run this shop, put your own here before you open it.',

    'error.check': 'Please check the fields below.',
    'error.name': 'Enter your name.',
    'error.email': 'Enter a valid email address.',
    'error.password': 'Enter your password.',
    'error.passwordShort': 'Use at least 8 characters.',
    'error.birthdate': 'Enter a valid date of birth.',
    'error.terms': 'You need to agree to the terms of use to sign up.',
    'error.privacy': 'You need to agree to how your data is used to sign up.',
    'error.network': 'We could not reach the server. Check your connection and try again.',
    'error.server': 'Something went wrong on our side. Please try again in a moment.',
    'error.checkoutAfterSignIn': 'You are logged in, but the payment page did not open. Please try again.',

    'mypage.title': 'My page — stripegym',
    'mypage.heading': 'My page',
    'mypage.loading': 'Loading…',
    'mypage.profile': 'Your details',
    'mypage.since': 'Member since',
    'mypage.unset': 'Not given',
    'mypage.logout': 'Log out',
    'mypage.purchases': 'Purchases',
    'mypage.empty': 'You have not bought anything yet.',
    'mypage.toProduct': 'See the product',
    'mypage.more': 'Load more',
    'mypage.retry': 'Try again',
    'mypage.added': '{count} purchases shown.',

    'status.paid': 'Paid',
    'status.processing': 'Awaiting payment',
    'status.failed': 'Payment failed',
    'status.refunded': 'Refunded',

    'success.title': 'Payment confirmation — stripegym',
    'success.waiting': 'Confirming your payment',
    'success.waitingBody': 'We are waiting to hear from the payment service, which usually takes a few seconds. Your purchase is not final until we do.',
    'success.confirmed': 'Thank you for your purchase',
    'success.confirmedBody': 'Your payment is confirmed. You will also find it on your page.',
    'success.processing': 'We have your order',
    'success.processingBody': 'We are waiting for the payment to arrive. Once it does, your page will show it as “Paid”.',
    'success.gaveUp': 'This is taking longer than usual',
    'success.gaveUpBody': 'Nothing is lost. As soon as your payment is confirmed, it appears among the purchases on your page. Please look there before you buy again.',
    'success.signIn': 'Please log in to check',
    'success.signInBody': 'Your session seems to have expired. Your purchases stay with your account: log in and open your page to see them.',
    'success.unknown': 'We cannot tell which purchase this is',
    'success.unknownBody': 'The address of this page has no checkout number in it. All your purchases are on your page.',
    'success.again': 'Check again',
    'success.toMypage': 'Go to my page',
    'success.toHome': 'Back to the shop',
    'receipt.product': 'Product',
    'receipt.amount': 'Amount',
    'receipt.date': 'Date',
    'receipt.status': 'Status',

    'cancel.title': 'Checkout cancelled — stripegym',
    'cancel.heading': 'You left the checkout',
    'cancel.body': 'You are back from the payment page and the payment was not completed. You can start again whenever you like.',
    'cancel.back': 'Back to the product',
    'cancel.mypage': 'See my purchases',

    'missing.title': 'Page not found — stripegym',
    'missing.heading': 'Page not found',
    'missing.body': 'The address may have changed, or it may have a typo in it.',
    'missing.home': 'Back to the shop',
  },
};

// Product names come from the server in Japanese; these are the ones this shop can translate.
const productNames = {
  'オリジナルプロテイン': 'product.name',
  'スタンダードプラン': 'plans.standard',
  'プレミアムプラン': 'plans.premium',
};

const listeners = [];

/** The language in use: `ja` or `en`. lang.js chose it before the first paint. */
export const lang = () => document.documentElement.lang;

/** One text; `{name}` in it is replaced from `values`. */
export function t(key, values = {}) {
  return texts[lang()][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const hasText = (key) => key in texts[lang()];

export const productName = (name) => (name in productNames ? t(productNames[name]) : name);

/** Fills every element below `root` that names a text. */
export function applyTexts(root = document) {
  for (const node of root.querySelectorAll('[data-i18n]')) node.textContent = t(node.dataset.i18n);
  for (const node of root.querySelectorAll('[data-i18n-label]')) {
    node.setAttribute('aria-label', t(node.dataset.i18nLabel));
  }
  for (const node of root.querySelectorAll('[data-i18n-alt]')) node.alt = t(node.dataset.i18nAlt);
}

/** Makes `node` show `key` now and after a change of language. */
export function setText(node, key) {
  node.dataset.i18n = key;
  node.textContent = t(key);
}

/** Runs `render` after each change of language, for what JavaScript put on the page. */
export const onLangChange = (render) => listeners.push(render);

export function setLang(next) {
  document.documentElement.lang = next;
  try {
    localStorage.setItem('lang', next);
  } catch {
    // The choice then lasts for this page only.
  }
  applyTexts();
  for (const render of listeners) render();
}
