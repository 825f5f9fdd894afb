// Money and dates for people.
import { lang } from './i18n.js';

// How many decimals Stripe's minor unit has. The browser's own table differs from Stripe's (MGA,
// ISK, UGX), so it must not be asked; ISK and UGX are sent by Stripe with two.
const NO_DECIMALS = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMALS = new Set('BHD JOD KWD OMR TND'.split(' '));

const locale = () => (lang() === 'ja' ? 'ja-JP' : 'en');

const decimals = (currency) => (NO_DECIMALS.has(currency) ? 0 : THREE_DECIMALS.has(currency) ? 3 : 2);

function moneyParts(minor, currencyCode) {
  const currency = currencyCode.toUpperCase();
  const digits = decimals(currency);
  return new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency,
    // Japanese shops write 4,980円, which is the currency's name; English ones write ¥4,980.
    currencyDisplay: lang() === 'ja' ? 'name' : 'symbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).formatToParts(minor / 10 ** digits);
}

export const money = (minor, currency) =>
  moneyParts(minor, currency).map((part) => part.value).join('');

/** Writes a price with its currency marked, so that the style can set it smaller. */
export function showPrice(node, minor, currency) {
  node.replaceChildren(
    ...moneyParts(minor, currency).map((part) => {
      if (part.type !== 'currency') return part.value;
      const unit = document.createElement('span');
      unit.className = 'currency';
      unit.textContent = part.value;
      return unit;
    }),
  );
}

/** Formats the server's times; those without a zone ("2026-01-31 09:00:00") are UTC. */
export function dateTime(text, { time = true } = {}) {
  const iso = text.replace(' ', 'T');
  const date = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`);
  if (Number.isNaN(date.getTime())) return text;
  // English months are long words; with a time behind them they would not fit a phone.
  const dateStyle = time && lang() === 'en' ? 'medium' : 'long';
  const style = time ? { dateStyle, timeStyle: 'short' } : { dateStyle };
  return new Intl.DateTimeFormat(locale(), style).format(date);
}

/** Formats a calendar day ("1990-04-01"), which has no zone to shift it. */
export function day(text) {
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return text;
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}
