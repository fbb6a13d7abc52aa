import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonLines } from './log-json.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const learn = (line: string, text: string) => JsonLines.learn(bytes(line), 0, bytes(line).length, text);
const rest = (form: JsonLines, line: string) =>
  form.read(bytes(line), 0, bytes(line).length)
    ? new TextDecoder().decode(form.bytes.subarray(form.from, form.to))
    : null;

describe('where the line is', () => {
  it.each<[string, (text: string) => unknown]>([
    ['a member', (text) => ({ log: text })],
    ['a member of a member', (text) => ({ a: { b: { message: text } } })],
    ['beside others', (text) => ({ ts: 1, message: text, level: null, list: [1] })],
    ['under a name of the language', (text) => JSON.parse(JSON.stringify({ x: 1, ['__proto__x']: text }))],
  ])('%s is learned and found again', (_, entry) => {
    const form = learn(JSON.stringify(entry('first')), 'first')!;
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        // One newline at the end is the collector's.
        expect(rest(form, JSON.stringify(entry(text)))).toBe(text.replace(/\n$/, ''));
      }),
    );
  });

  it.each<[string, string]>([
    ['no JSON', 'first'],
    ['cut JSON', '{"log":"first"'],
    ['a list', '["first"]'],
    ['in a list', '{"log":["first"]}'],
    ['too deep', `${'{"a":'.repeat(9)}"first"${'}'.repeat(9)}`],
    ['behind a prefix of a page', `${'x'.repeat(600)}{"log":"first"}`],
    ['another text', '{"log":"first and more"}'],
  ])('%s teaches nothing', (_, line) => expect(learn(line, 'first')).toBeNull());
});

describe('whose line it is', () => {
  const form = learn(
    '{"log":"first\\n","stream":"stderr","kubernetes":{"pod_name":"a","labels":{"x":"1"}},"n":1}',
    'first\n',
  )!;
  it.each<[string, string, string | null]>([
    [
      'an entry with other times and numbers',
      '{"log":"f\\n","stream":"stderr","kubernetes":{"pod_name":"a"},"n":2,"t":"x"}',
      'f',
    ],
    ['members in another order', '{"kubernetes":{"pod_name":"a"},"stream":"stderr","log":"f\\n"}', 'f'],
    ['another stream', '{"log":"f\\n","stream":"stdout","kubernetes":{"pod_name":"a"}}', null],
    ['another pod', '{"log":"f\\n","stream":"stderr","kubernetes":{"pod_name":"b"}}', null],
    ['no pod', '{"log":"f\\n","stream":"stderr"}', null],
    ['no line', '{"stream":"stderr","kubernetes":{"pod_name":"a"}}', null],
    ['a line that is no text', '{"log":{"a":1},"stream":"stderr","kubernetes":{"pod_name":"a"}}', null],
    ['no object', '"log"', null],
    ['a plain line', 'main.f()', null],
    ['an entry cut short', '{"log":"f\\n","stream":"std', null],
  ])('%s', (_, line, content) => expect(rest(form, line)).toBe(content));

  it('members that are inherited are none', () => {
    const inherited = learn('{"constructor":{"name":"first"}}', 'first')!;
    expect(rest(inherited, '{}')).toBeNull();
  });
});

describe('pieces of long lines', () => {
  it('are entries without a newline where the others have one', () => {
    const form = learn('{"log":"first\\n"}', 'first\n')!;
    expect([rest(form, '{"log":"ma"}'), form.partial]).toEqual(['ma', true]);
    expect([rest(form, '{"log":"in.f()\\n"}'), form.partial]).toEqual(['in.f()', false]);
  });
  it('are not known where no entry has one', () => {
    const form = learn('{"log":"first"}', 'first')!;
    expect([rest(form, '{"log":"main.f()"}'), form.partial]).toEqual(['main.f()', false]);
  });
});
