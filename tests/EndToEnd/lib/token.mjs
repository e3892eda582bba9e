// Access tokens in the form LiveKit SDKs make: HS256, iss = API key, sub = identity, video = grants.
import { createHmac } from 'node:crypto';

const text = value => Buffer.from(JSON.stringify(value)).toString('base64url');

export function token(key, secret, identity, video, { name = identity, ttl = 600, ...claims } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const body = `${text({ alg: 'HS256', typ: 'JWT' })}.${text({ iss: key, sub: identity, name, nbf: now - 5, exp: now + ttl, video, ...claims })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
