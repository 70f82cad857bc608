/**
 * Headers of every response, and cross-origin requests.
 *
 * Owns: what browsers are told to allow. No script, style or request leaves the origin.
 */

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

const EXPOSED = [
  'Idempotency-Replayed',
  'Location',
  'Retry-After',
  'X-Correlation-ID',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
];
const ALLOWED = ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'X-Correlation-ID'];
const PREFLIGHT_SECONDS = 600;

/** Headers for the page that asks, if it is one of `origins`. Never with credentials: keys travel, cookies do not. */
export function corsHeaders(request: Request, origins: readonly string[]): Record<string, string> {
  if (origins.length === 0) return {};
  const origin = request.headers.get('origin');
  if (origin === null || !origins.includes(origin)) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED.join(', '),
    // What is shared on purpose may be embedded too.
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
}

/** The answer to a preflight for a path with these methods, undefined if it is none. */
export function preflightHeaders(
  request: Request,
  origins: readonly string[],
  methods: readonly string[],
): Record<string, string> | undefined {
  const origin = request.headers.get('origin');
  if (request.method !== 'OPTIONS' || origin === null || !origins.includes(origin)) return undefined;
  if (!request.headers.has('access-control-request-method')) return undefined;
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': ALLOWED.join(', '),
    'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
  };
}
