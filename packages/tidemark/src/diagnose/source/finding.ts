import { type Finding, fingerprint } from '@tidemark/model';

/** What is known of a finding that the source alone gives. */
export type Stated = Pick<Finding, 'rule' | 'verdict' | 'title' | 'evidence'> & {
  readonly service: string;
  readonly site: NonNullable<Finding['site']>;
  /** What tells it from others in its function. */
  readonly anchor: string;
} & Partial<Pick<Finding, 'related' | 'cause' | 'fix' | 'unknown' | 'proof'>>;

/** A finding without anything that was measured: nothing ran. */
export function stated({ service, anchor, ...known }: Stated): Finding {
  return {
    fingerprint: fingerprint({ rule: known.rule, service, function: known.site.function, anchor }),
    subject: { service, instance: null, build: null },
    ...{ quantity: null, errorChance: null, chain: [], stack: [], moreSeconds: null },
    ...{ related: [], cause: null, fix: null, unknown: [], proof: { argv: [] } },
    ...known,
  };
}
