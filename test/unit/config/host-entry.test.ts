import { describe, expect, it } from 'vitest';
import { explainBadHost } from '../../../src/config/host-entry.ts';

describe('explainBadHost', () => {
  it.each([
    'www.example.edu',
    'localhost',
    'localhost:8080',
    'a.b.example.edu:443',
    '*.example.edu',
    '*.example.edu:8443',
    'WWW.Example.EDU',
    'under_score.example.edu',
    'xn--mnchen-3ya.example',
    '10.0.0.1',
  ])('takes %s', entry => {
    expect(explainBadHost(entry)).toBeUndefined();
  });

  it.each([
    ['https://www.example.edu/x', 'must be a host, not a URL; write "www.example.edu"'],
    ['//cdn.example.edu', 'must be a host, not a URL; write "cdn.example.edu"'],
    ['www.example.edu/blog', 'must be a host without a path; write "www.example.edu"'],
    ['www.example.edu.', 'must not end in a full stop; write "www.example.edu"'],
    ['www.example.edu.:80', 'must not end in a full stop; write "www.example.edu:80"'],
    ['münchen.example', 'must be in its ASCII form; write "xn--mnchen-3ya.example"'],
    ['*.münchen.example', 'must be in its ASCII form; write "*.xn--mnchen-3ya.example"'],
    ['a.*.example.edu', 'may have a wildcard only as its first label, as in "*.example.edu"'],
    ['*example.edu', 'may have a wildcard only as its first label, as in "*.example.edu"'],
    ['*', 'may have a wildcard only as its first label, as in "*.example.edu"'],
    ['*.edu', 'is too wide: a wildcard needs a domain of at least two labels'],
    ['example.edu:0', 'has no valid port after the colon: "0"'],
    ['example.edu:x', 'has no valid port after the colon: "x"'],
    ['::1', 'must be a host name with at most one port (IPv6 addresses are not supported)'],
    ['two words', 'must not contain spaces'],
    ['', 'is empty; write a host such as "www.example.edu"'],
    ['-a.example.edu', 'is not a host name'],
    ['a..example.edu', 'is not a host name'],
    [`${'a'.repeat(64)}.edu`, 'is not a host name'],
  ])('refuses %s', (entry, complaint) => {
    expect(explainBadHost(entry)).toBe(complaint);
  });
});
