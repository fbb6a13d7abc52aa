import type { TimeZoneAt } from '@tidemark/pprof';

/** The zone of this process: its offset, and its short name (UTC, CET, EST) as far as Intl knows one. */
export const localZone: TimeZoneAt = (millis) => {
  const date = new Date(millis);
  const offsetMinutes = -date.getTimezoneOffset();
  // Intl takes milliseconds to start; the usual case does not need it.
  if (offsetMinutes === 0 && date.toString().includes('(Coordinated Universal Time)')) {
    return { offsetMinutes, name: 'UTC' };
  }
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA']) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date);
    const name = parts.find((p) => p.type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{3,5}$/.test(name)) return { offsetMinutes, name };
  }
  // Go prints the offset where a zone has no letters: +03, +0545.
  const away = Math.abs(offsetMinutes);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = away % 60 === 0 ? '' : two(away % 60);
  return { offsetMinutes, name: `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(away / 60))}${minutes}` };
};
