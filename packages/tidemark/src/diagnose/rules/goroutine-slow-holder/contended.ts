import { type Case, type ContendedLock, type Finding, fingerprint, type LockContention } from '@tidemark/model';
import { formatCount, formatPercent, formatSeconds } from '../../../base/units.js';
import { say, shortPlace, subjectOf } from '../../sentence.js';

/**
 * A lock that is held for a moment costs its waiters microseconds, however often it is taken; a queue of a hundred at
 * such a lock still waits less than this, in seconds each.
 */
const SLOW_WAIT_SECONDS = 0.01;
/** Less lost in a second of watching is not worth a person's time: a tenth of one goroutine. */
const LEAST_LOST_PER_SECOND = 0.1;
/** Fewer waits may be one bad moment. */
const LEAST_WAITS = 10;
/** Without a time that they cover, profiles must have added up to so many seconds to be worth a second look. */
const LEAST_LOST_SECONDS = 1;
const LOOK_LONGER_SECONDS = 60;

/** Locks that cost their waiters long waits, and much time in all. */
export function contended(evidence: Case, seen: LockContention): Finding[] {
  return seen.locks.map((lock) => findingOf(evidence, seen, lock)).filter((finding) => finding !== null);
}

function findingOf(evidence: Case, seen: LockContention, lock: ContendedLock): Finding | null {
  // The block profile counts what each waiter lost; the mutex profile tells it only in part (docs/rules).
  const side = lock.waiters.length > 0 ? lock.waiters : lock.holders;
  const lostSeconds = side.reduce((sum, site) => sum + site.delaySeconds, 0);
  const waits = side.reduce((sum, site) => sum + site.contentions, 0);
  const { seconds } = seen;
  if (lostSeconds < SLOW_WAIT_SECONDS * waits) return null;
  if (seconds === null ? lostSeconds < LEAST_LOST_SECONDS : lostSeconds / seconds < LEAST_LOST_PER_SECOND) return null;
  const sure = seconds !== null && waits >= LEAST_WAITS;
  const all = lock.waiters.length > 0 ? seen.waitedSeconds : seen.heldSeconds;
  const site = side[0]!.site;
  const holder = lock.holders[0];
  const numbers = { lostSeconds, waits, share: all ? lostSeconds / all : null };
  const share = all ? `, ${formatPercent(lostSeconds / all)} of all that was lost at locks` : '';
  const mean = `${formatCount(Math.round(waits))} waits of ${formatSeconds(lostSeconds / waits)} on average`;
  return {
    fingerprint: fingerprint({
      rule: 'goroutine/slow-holder',
      service: evidence.subject.service,
      function: site.function,
      anchor: 'lock-contention',
    }),
    rule: 'goroutine/slow-holder',
    verdict: sure ? 'suspect' : 'undecided',
    title:
      seconds === null ? `waits for ${lock.name} add up` : `${lostWords(lostSeconds / seconds)} lost at ${lock.name}`,
    subject: subjectOf(evidence),
    site,
    quantity: { unit: 'seconds', value: lostSeconds, ...(seconds === null ? {} : { perSeconds: seconds }) },
    errorChance: null,
    evidence: [
      say(
        seconds === null
          ? `goroutines waited ${formatSeconds(lostSeconds)} for ${lock.name} since the profiles were switched on: ${mean}${share}`
          : `goroutines waited ${formatSeconds(lostSeconds)} for ${lock.name} in ${formatSeconds(seconds)} of watching: ${mean}${share}`,
        numbers,
      ),
      ...lock.waiters.map((s) => partSentence('waits', s, lock.waiters)),
      ...lock.holders.map((s) => partSentence('lets it go', s, lock.holders)),
    ],
    chain: holder ? [{ text: `held by ${shortPlace(holder.site)}, the line that lets it go`, site: holder.site }] : [],
    stack: side[0]!.stack,
    related: lock.holders.map(({ site: at }) => ({ file: at.file, line: at.line, message: 'lets the lock go' })),
    cause: 'slow-holder',
    fix: `Do the slow part without the lock: copy what it needs, unlock, work, lock again to store. ${
      holder ? `Begin with ${holder.site.function}.` : ''
    }`.trim(),
    unknown: unknownOf(seen, lock),
    moreSeconds: sure ? null : LOOK_LONGER_SECONDS,
    proof: evidence.target.length > 0 ? { argv: [...evidence.target] } : null,
  };
}

function lostWords(perSecond: number): string {
  return `${perSecond.toFixed(perSecond < 10 ? 2 : 0)} s a second are`;
}

function partSentence(verb: string, site: ContendedLock['waiters'][number], all: ContendedLock['waiters']) {
  const sum = all.reduce((total, one) => total + one.delaySeconds, 0);
  const share = sum > 0 ? site.delaySeconds / sum : 0;
  const inside = site.lockedIn ? `, in ${site.lockedIn.function}` : '';
  return say(`${verb} at ${shortPlace(site.site)}${inside}: ${formatPercent(share)} of it`, {
    delaySeconds: site.delaySeconds,
    contentions: site.contentions,
    share,
  });
}

function unknownOf(seen: LockContention, lock: ContendedLock): string[] {
  const unknown: string[] = [];
  const weaker = {
    lock: null,
    type: 'which lock of the type it is, if it has several',
    package: 'which lock of the package it is',
    totals: 'whether this holder belongs to these waiters: only their sums agree',
    'one-sided': null,
  }[lock.matchedBy];
  if (weaker) unknown.push(`${weaker}; facts of the build (tidemark facts) would tell`);
  if (lock.holders.length === 0)
    unknown.push('who held it: a mutex profile (runtime.SetMutexProfileFraction) would tell');
  if (lock.waiters.length === 0) unknown.push('who waited: a block profile (runtime.SetBlockProfileRate) would tell');
  if (seen.seconds === null) unknown.push('in how much time this was lost: a second profile, later, would tell');
  return unknown;
}
