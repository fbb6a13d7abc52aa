/**
 * The URL that a source means, with -seconds in its query, and how long to wait for it in seconds; null where the
 * source is no URL. `host:port/path` is one too.
 */
export function profileUrl(source: string, seconds: number, timeout: number): { url: URL; wait: number } | null {
  const url = /^https?:\/\//i.test(source)
    ? tryUrl(source)
    : /^[\w.-]+:\d+(?:\/|$)/.test(source)
      ? tryUrl(`http://${source}`)
      : null;
  if (url === null) return null;
  let length = seconds;
  if (seconds > 0) url.searchParams.set('seconds', String(seconds));
  else length = Number(url.searchParams.get('seconds') ?? 0) || 0;
  return { url, wait: timeout > 0 ? timeout : length > 0 ? length * 1.5 : 60 };
}

function tryUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
