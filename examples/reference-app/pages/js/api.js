// The one place that talks to the server. The session is an HttpOnly cookie, so no script ever
// sees it: the `session_token` in the answers is for clients that are not browsers.
import { lang, t } from './i18n.js';

const TIMEOUT_MS = 20_000;

export class ApiError extends Error {
  constructor(message, { status = 0, code = 'network', fields = {}, retryAfterMs = 0 } = {}) {
    super(message);
    Object.assign(this, { status, code, fields, retryAfterMs });
  }
}

async function request(method, path, body) {
  const headers = { Accept: 'application/json', 'Accept-Language': lang() };
  if (body) headers['Content-Type'] = 'application/json';
  let response;
  let answer;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = await response.json();
  } catch {
    // Without an answer, or with one that is not JSON (a proxy's error page, say).
    if (!response) throw new ApiError(t('error.network'));
    answer = null;
  }
  if (response.ok && answer) return answer;
  throw new ApiError(answer?.error ?? t('error.server'), {
    status: response.status,
    code: answer?.code ?? 'unknown',
    fields: answer?.fields ?? {},
    retryAfterMs: 1000 * (Number(response.headers.get('Retry-After')) || 0),
  });
}

export const get = (path) => request('GET', path);
export const post = (path, body = {}) => request('POST', path, body);

/** Purchases, newest first; `cursor` is the last answer's `next_cursor`. */
export function purchases({ limit = 10, cursor } = {}) {
  const query = new URLSearchParams({ limit });
  if (cursor) query.set('cursor', cursor);
  return get(`/api/user-purchase-history?${query}`);
}
