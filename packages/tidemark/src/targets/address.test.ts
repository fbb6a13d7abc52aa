import { describe, expect, it } from 'vitest';
import { isAddress, parseAddress } from './address.js';

describe('isAddress', () => {
  it.each([
    'http://shop:6060',
    'HTTPS://user:pw@shop.example/base/debug/pprof/heap',
    'shop:6060',
    'localhost:6060/debug/pprof/',
    '10.0.0.7:6060',
    '[::1]:6060',
    ':6060',
  ])('takes %s for a live service', (text) => {
    expect(isAddress(text)).toBe(true);
  });

  it.each([
    'heap.pb.gz',
    './captures/heap:old.pb.gz',
    'C:\\captures\\heap.pb.gz',
    'before:after',
    '-',
    'file:///tmp/heap.pb.gz',
  ])('takes %s for a file', (text) => {
    expect(isAddress(text)).toBe(false);
  });
});

describe('parseAddress', () => {
  it('reads a bare port as a service on this machine', () => {
    expect(parseAddress(':6060').candidates[0]!.host).toBe('127.0.0.1:6060');
  });

  it('never shows password, user or token, and still sends them', () => {
    const address = parseAddress('https://me:s3cret@shop.example/base/debug/pprof/heap?token=abc&gc=1');
    expect(address.shown).not.toMatch(/s3cret|me@|abc/);
    expect(address.authorization).toBe(`Basic ${Buffer.from('me:s3cret').toString('base64')}`);
    expect(address.query).toEqual([['token', 'abc']]);
    expect(address.focus).toBe('heap');
  });
});
