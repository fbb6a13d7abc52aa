import type { GoroutineWaits, Report, Site, WaitedLock, WaitingGroup } from '@tidemark/model';
import { type Paint, paint } from '../base/paint.js';
import { printable } from '../base/text.js';
import { formatCount, formatSeconds } from '../base/units.js';
import { findingLines, printableReport, reportFooter } from './text.js';

export interface GoroutinesTextOptions {
  readonly color: boolean;
  readonly columns: number;
  /** Groups that are listed in full. */
  readonly groups?: number;
  /** Also list what waits by design. */
  readonly all?: boolean;
}

const SHOWN_FINDINGS = 8;
const SHOWN_GROUPS = 12;

/** The goroutines of a dump for people: what is stuck and why, then the locks, then who waits where. */
export function renderGoroutines(
  hostile: Report,
  all: readonly GoroutineWaits[],
  options: GoroutinesTextOptions,
): string {
  const report = printableReport(hostile);
  const ink = paint(options.color);
  const width = Math.max(60, Math.min(options.columns, 110));
  const lines: string[] = [];
  lines.push(headline(all, ink), '');
  for (const finding of report.findings.slice(0, SHOWN_FINDINGS)) lines.push(...findingLines(finding, ink, width), '');
  const hidden = report.findings.length - SHOWN_FINDINGS;
  if (hidden > 0) lines.push(`And ${hidden} more, of lower rank: --json lists them all.`, '');
  for (const waits of all) {
    if (all.length > 1) lines.push(ink.strong(`In ${printable(waits.capture)}`));
    lines.push(...lockLines(waits, ink, width), ...groupLines(waits, ink, width, options));
  }
  for (const note of report.notes.filter((n) => n.level !== 'info')) lines.push(`${ink.warn('Note')}     ${note.text}`);
  for (const limit of new Set(all.flatMap((waits) => waits.limits)))
    lines.push(`${ink.dim('Limit')}    ${printable(limit, 400)}`);
  lines.push(reportFooter(report, ink, 'nothing is known to be stuck'));
  return `${lines.join('\n')}\n`;
}

function headline(all: readonly GoroutineWaits[], ink: Paint): string {
  const last = all.at(-1)!;
  const total = all.reduce((sum, waits) => sum + waits.total, 0);
  const groups = all.reduce((sum, waits) => sum + waits.groups.length, 0);
  const seconds = last.watchedSeconds ? ` in ${formatSeconds(last.watchedSeconds)}` : '';
  return [
    ink.strong(printable(last.capture.replace(/ (?:look|#)\s?\d+$/, ''))),
    `${formatCount(total)} goroutines at ${formatCount(groups)} stacks`,
    `${last.looks} look${last.looks === 1 ? '' : 's'}${seconds}`,
    last.withFacts ? 'with facts of the build' : 'no facts of the build',
  ].join(' · ');
}

/** Locks that are waited for and that no finding tells about already. */
function lockLines(waits: GoroutineWaits, ink: Paint, width: number): string[] {
  const told = new Set(waits.explanations.flatMap((e) => (e.lock === null ? [] : [e.lock])));
  for (const cycle of waits.cycles) if (cycle.some((lock) => told.has(lock))) for (const lock of cycle) told.add(lock);
  const rest = waits.locks.filter((lock, index) => !told.has(index) && isHeld(lock));
  if (rest.length === 0) return [];
  const lines = [ink.strong('Also waited for')];
  for (const lock of rest.slice(0, 8)) {
    const name = lock.name ?? lock.address ?? 'a lock';
    const holder =
      lock.holder.goroutine !== null && lock.holder.site
        ? `${lock.holder.confidence === 'possible' ? 'perhaps held' : 'held'} by goroutine ${lock.holder.goroutine} in ${where(lock.holder.site)}`
        : lock.moving
          ? 'just being handed over'
          : 'holder unknown';
    lines.push(cutTo(`  ${lock.kind} ${printable(name)}  ${lock.waiterCount} waiting  ${holder}`, width));
  }
  if (rest.length > 8) lines.push(ink.dim(`  … ${rest.length - 8} more`));
  return [...lines, ''];
}

function isHeld(lock: WaitedLock): boolean {
  return lock.kind === 'mutex' || lock.kind === 'rwmutex' || lock.kind === 'once';
}

function groupLines(waits: GoroutineWaits, ink: Paint, width: number, options: GoroutinesTextOptions): string[] {
  const told = new Set(waits.explanations.flatMap((e) => e.groups));
  const shown = waits.groups
    .map((group, index) => ({ group, explained: told.has(index) }))
    .filter(({ group }) => options.all || group.uninteresting === null);
  const folded = foldPlaces(shown);
  const most = options.groups ?? SHOWN_GROUPS;
  if (folded.length === 0 && waits.groups.length === 0) return [];
  const lines = [ink.strong('Where they wait')];
  const counts = folded.map((row) => formatCount(row.count));
  const countWidth = Math.max(5, ...counts.slice(0, most).map((text) => text.length));
  for (const [i, row] of folded.slice(0, most).entries()) {
    const age = row.minutes ? `  ${row.minutes} min` : '';
    const stays = row.stayed !== null && waits.looks > 1 ? `  ${row.stayed} stayed` : '';
    const proven = row.leaked ? '  proven leaked' : '';
    const by = row.creator ? `  by ${shortName(row.creator.function)}` : '';
    const text = cutTo(
      `${counts[i]!.padStart(countWidth)}  ${row.waitsIn.padEnd(14)} ${where(row.site)}${age}${stays}${proven}${by}`,
      width - 2,
    );
    lines.push(row.explained ? `${ink.bad('►')} ${ink.strong(text)}` : `  ${text}`);
  }
  if (folded.length > most) lines.push(ink.dim(`  … ${folded.length - most} more places: --groups ${folded.length}`));
  const byDesign = options.all ? [] : waits.groups.filter((group) => group.uninteresting !== null);
  if (byDesign.length > 0) lines.push(ink.dim(cutTo(`  ${byDesignWords(byDesign)}`, width)));
  return [...lines, ''];
}

interface Row {
  readonly site: Site;
  readonly waitsIn: string;
  readonly creator: Site | null;
  count: number;
  minutes: number | null;
  stayed: number | null;
  explained: boolean;
  /** The runtime's goroutineleak profile found some of them. */
  leaked: boolean;
}

/** Stacks that end at one place for one reason are one row. */
function foldPlaces(groups: readonly { group: WaitingGroup; explained: boolean }[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { group, explained } of groups) {
    const key = `${group.waitsIn}\n${group.site.function}\n${group.site.file}:${group.site.line}`;
    const row = rows.get(key);
    if (!row) {
      rows.set(key, {
        site: group.site,
        waitsIn: group.waitsIn,
        creator: group.creator,
        count: group.count,
        minutes: group.oldestWaitMinutes,
        stayed: group.stayed,
        explained,
        leaked: group.provenLeaked,
      });
      continue;
    }
    row.count += group.count;
    row.explained ||= explained;
    row.leaked ||= group.provenLeaked;
    if (group.oldestWaitMinutes !== null) row.minutes = Math.max(row.minutes ?? 0, group.oldestWaitMinutes);
    if (group.stayed !== null) row.stayed = (row.stayed ?? 0) + group.stayed;
  }
  return [...rows.values()].sort((a, b) => Number(b.explained) - Number(a.explained) || b.count - a.count);
}

function byDesignWords(groups: readonly WaitingGroup[]): string {
  const counts = new Map<string, number>();
  for (const group of groups) counts.set(group.uninteresting!, (counts.get(group.uninteresting!) ?? 0) + group.count);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([why, count]) => `${formatCount(count)} ${why}`);
  const more = parts.length > 3 ? `; ${parts.length - 3} more kinds` : '';
  return `not shown, they wait by design (--all): ${parts.slice(0, 3).join('; ')}${more}`;
}

function where(site: Site): string {
  const file = site.file.slice(site.file.lastIndexOf('/') + 1);
  return printable(`${shortName(site.function)} ${file}:${site.line}`, 200);
}

function shortName(name: string): string {
  const bracket = name.indexOf('[');
  return printable(name.slice(name.lastIndexOf('/', bracket < 0 ? name.length : bracket) + 1), 120);
}

function cutTo(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
