import { describe, expect, it } from 'vitest';
import { sourceError } from './source-errors.js';

describe('sourceError', () => {
  it.each([
    ['facts: no go command found: facts need the toolchain that built the program', 'TM_TOOL_MISSING'],
    ['facts: go list: go: go.mod requires go >= 1.99 (running go 1.26.8; GOTOOLCHAIN=local)', 'TM_GO_VERSION'],
    ['go: errors parsing go.mod:\n/src/go.mod:3: unknown directive: toolchain', 'TM_GO_VERSION'],
    ["go: errors parsing go.mod:\n/src/go.mod:3: invalid go version '1.21.0': must match format 1.23", 'TM_GO_VERSION'],
    ['facts: go list: go: go.mod file not found in current directory or any parent directory', 'TM_NO_MODULE'],
    [
      'facts: no package could be read: ./...: pattern ./...: directory prefix . does not contain main module or its selected dependencies',
      'TM_NO_MODULE',
    ],
    [
      'facts: no package could be read: example.com/a/a.go:2:10: could not import github.com/x/y (missing go.sum entry for module providing package github.com/x/y)',
      'TM_MODULE_INCOMPLETE',
    ],
    ['facts: go list: go: inconsistent vendoring in /src/shop:', 'TM_MODULE_INCOMPLETE'],
    ['facts: no package could be read: a.go:1:8: package fmtx is not in std', 'TM_MODULE_INCOMPLETE'],
    ['facts: go list: go: warning: "./..." matched no packages', 'TM_NO_PACKAGES'],
    [
      'facts: no package could be read: example.com/a: # example.com/a\n./a.go:3:1: syntax error: unexpected EOF, expected )',
      'TM_SOURCE_BROKEN',
    ],
    ['facts: something that nobody has seen', 'TM_USAGE'],
    ['', 'TM_USAGE'],
  ])('%s', (said, code) => {
    const error = sourceError(said);
    expect(error.code).toBe(code);
    expect(error.exitCode).toBe(2);
    expect(error.advice).not.toBe('');
    expect(error.message).not.toMatch(/facts: |\n/);
  });

  it('keeps what it quotes short and printable', () => {
    const { message } = sourceError(`facts: \u001b[31m${'x'.repeat(10_000)}`);
    expect(message.length).toBeLessThan(500);
    expect(message).not.toContain('\u001b');
  });
});
