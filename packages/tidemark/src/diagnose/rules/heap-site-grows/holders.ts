import { type Case, type HeapSite, type Holder, packageOf } from '@tidemark/model';

/** A holder to which the code at the place adds. */
export interface Held {
  readonly holder: Holder;
  /** True when the facts are of this very program with all that imports it, so that "from nowhere" can be said. */
  readonly exact: boolean;
}

/** The nearest function of the stack, from the place outwards, that adds to a holder; what it adds to. */
export function holdersOf(site: HeapSite, evidence: Case): Held[] {
  const facts = evidence.evidence.find((e) => e.kind === 'build-facts');
  if (!facts) return [];
  const at = site.stack.findIndex((f) => f.function === site.site.function && f.line === site.site.line);
  for (const frame of site.stack.slice(Math.max(0, at), at + 1 + CALLERS)) {
    const found = facts.holders.filter((h) => h.adds.some((add) => sameFunction(add.function, frame.function)));
    if (found.length > 0) return found.map((holder) => ({ holder, exact: !facts.importersNotSeen }));
  }
  return [];
}

/** How many callers of the place are asked: a constructor's caller often is who keeps what it made. */
const CALLERS = 2;

/** Equal, or equal but for the import path where the profile says `main`. */
function sameFunction(fact: string, seen: string): boolean {
  return (
    fact === seen || (seen.startsWith('main.') && fact.slice(packageOf(fact).length) === seen.slice('main'.length))
  );
}

export const holderName = (holder: Holder) => holder.id.slice(holder.id.lastIndexOf('/') + 1);

export function holderSentence(holder: Holder, exact: boolean): string {
  const places = (uses: Holder['adds']) =>
    uses
      .slice(0, 3)
      .map((u) => `${u.file.split('/').at(-1)}:${u.line}`)
      .join(', ');
  const added = `build facts: ${holderName(holder)} (${holder.kind}, ${holder.file.split('/').at(-1)}:${holder.line}) is added to at ${places(holder.adds)}`;
  if (holder.verdict === 'only-added') {
    return `${added} and removed from nowhere${exact ? '' : ' in the packages that were seen: importers were not'}`;
  }
  return holder.removes.length > 0 ? `${added} and removed from at ${places(holder.removes)}` : added;
}
