import type { HttpHead } from './http.js';

/** True for a web page, by its header or its first characters. */
export function isHtml(head: Pick<HttpHead, 'headers'>, body: Uint8Array): boolean {
  if (/^text\/html|^application\/xhtml/i.test(head.headers['content-type'] ?? '')) return true;
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(textOf(body, 512));
}

/** A page that asks for a password or sends to a sign-in: single sign-on proxies answer it with status 200. */
export function looksLikeLogin(body: Uint8Array): boolean {
  const text = textOf(body, 64 * 1024);
  return (
    /type\s*=\s*["']?password/i.test(text) ||
    /<title>[^<]*\b(?:log ?in|sign ?in|sign ?on|authenticat)/i.test(text) ||
    /(?:action|href|url)\s*=\s*["']?[^"'\s>]*(?:\/login|\/signin|\/sign_in|\/oauth2?\/|\/saml)/i.test(text)
  );
}

/** Profiles and their counts from the index page of net/http/pprof; null when the page is another one. */
export function readIndex(body: Uint8Array): Map<string, number | null> | null {
  const text = textOf(body, 256 * 1024);
  const profiles = new Map<string, number | null>();
  // One row a profile: <tr><td>COUNT</td><td><a href='NAME?debug=1'>NAME</a></td></tr>, in all Go versions.
  for (const row of text.matchAll(/(?:<td>\s*(\d+)\s*<\/td>\s*<td>\s*)?<a href=['"]?([\w./-]+)\?debug=\d/g))
    profiles.set(row[2]!.slice(row[2]!.lastIndexOf('/') + 1), row[1] === undefined ? null : Number(row[1]));
  return profiles.has('goroutine') || profiles.has('heap') ? profiles : null;
}

function textOf(body: Uint8Array, maxBytes: number): string {
  return new TextDecoder().decode(body.subarray(0, maxBytes));
}
