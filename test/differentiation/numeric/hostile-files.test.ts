import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNumeric } from './compare-numeric.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));

/** A finding, not an error; the same file on both sides, so that nothing but its form can tell them apart. */
async function refused(path: string, content: string | Uint8Array, reason: string | RegExp) {
  const result = await compareNumeric(path, content, content);
  expect(result).toMatchObject({ same: false, passes_with: null, reason: expect.stringMatching(reason) });
}

function npy(header: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header), data]);
}

interface Entry {
  name: string;
  content: Buffer;
  /** What the directory says in place of the truth. */
  size?: number;
  offset?: number;
}

function zip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, size, offset: said } of entries) {
    const stored = deflateRawSync(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(8, 10);
    header.writeUInt32LE(stored.length, 20);
    header.writeUInt32LE(size ?? content.length, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt32LE(said ?? offset, 42);
    parts.push(local, Buffer.from(name), stored);
    directory.push(header, Buffer.from(name));
    offset += 30 + name.length + stored.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

describe('an npy', () => {
  test.each([
    [
      'of 10^9 cells',
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }",
      'should hold 1000000000 elements',
    ],
    [
      'of 10^27 cells',
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000000, 1000000000), }",
      'should hold',
    ],
    [
      'of 10^9 cells of nothing',
      "{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000,), }",
      'which numeric does not read|no bytes|should hold',
    ],
    ['of a shape below 0', "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", 'a shape that cannot be read'],
    ['of an unknown type', "{'descr': '<q8', 'fortran_order': False, 'shape': (1,), }", 'elements of type <q8'],
    ['of code', "__import__('os').system('x')", 'a header that cannot be read'],
    ['of brackets', '('.repeat(60_000), 'a header that cannot be read'],
    ['without a shape', "{'descr': '<f8'}", 'a shape that cannot be read'],
  ])('%s', async (_, header, reason) => refused('a.npy', npy(header), reason));

  test('with more than its array', async () => {
    await refused(
      'a.npy',
      Buffer.concat([fixture('scalar.npy'), Buffer.alloc(8)]),
      'should hold 1 elements of 8 bytes, but has 16',
    );
  });

  test('that is cut off anywhere', async () => {
    const whole = fixture('structured.npy');
    for (let length = 6; length < whole.length; length += 3)
      await refused('a.npy', whole.subarray(0, length), '^from ');
  });
});

describe('an npz', () => {
  const entry = { name: 'x.npy', content: fixture('rowmajor.npy') };

  test('that inflates to a gigabyte', async () => {
    const bomb = deflateRawSync(Buffer.alloc(1 << 20));
    expect(bomb.length).toBeLessThan(2000);
    await refused('a.npz', zip([{ ...entry, size: 2 ** 30 }]), 'a zip archive of 1073741824 bytes once inflated');
    const many = Array.from({ length: 100 }, (_, at) => ({ name: `${at}.npy`, content: Buffer.alloc(1 << 20) }));
    await refused('a.npz', zip(many), 'of 104857600 bytes once inflated');
  });

  test('that inflates to more than it says', async () => {
    await refused('a.npz', zip([{ ...entry, content: Buffer.alloc(1 << 26), size: 10 }]), 'cannot be inflated');
  });

  test('whose files overlap', async () => {
    await refused('a.npz', zip([entry, { ...entry, name: 'y.npy', offset: 0 }]), 'files overlap');
  });

  test('with a name twice, another file, or damage', async () => {
    await refused('a.npz', zip([entry, entry]), 'a name twice');
    await refused('a.npz', zip([{ name: 'x.exe', content: Buffer.from('MZ') }]), 'x.exe, which is no NumPy array');
    const off = Buffer.from(fixture('plain.npz'));
    off[off.indexOf('NUMPY') + 140]! ^= 1;
    await refused('a.npz', off, 'damaged zip archive|cannot be read|which numeric does not read');
  });

  test('that is cut off anywhere', async () => {
    const whole = fixture('compressed.npz');
    for (let length = 4; length < whole.length; length += 7)
      await refused('a.npz', whole.subarray(0, length), '^from ');
  });
});

describe('text', () => {
  test('that is deep JSON or YAML', async () => {
    await refused('a.json', '['.repeat(1e6), 'nested deeper|too early');
    await refused('a.json', '['.repeat(1e5) + ']'.repeat(1e5), 'nested deeper');
    await refused('a.json', `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`, 'nested deeper');
    await refused('a.yml', '['.repeat(1e4) + ']'.repeat(1e4), 'nested (deeper|too deep)');
    await refused(
      'a.yml',
      `${Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:\n`).join('')}`,
      'nested (deeper|too deep)',
    );
  });

  test('that is YAML which makes much of little', async () => {
    const levels = Array.from({ length: 12 }, (_, at) => {
      const of = at === 0 ? '1' : `*x${at - 1}`;
      return `x${at}: &x${at} [${new Array(10).fill(of).join(', ')}]`;
    });
    await refused('a.yml', levels.join('\n'), 'more than 1000000 values');
  });

  test('that is a mapping of very many keys', async () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `k${at}: ${at}\n`).join('');
    expect(await compareNumeric('a.yml', text, text)).toMatchObject({ same: true, compared: 20_000 });
    await refused('a.yml', `${text}k7: 1\n`, 'has the key "k7" twice');
  });

  test('that is JSON of a kind of its own', async () => {
    await refused('a.json', '{"a": 1, "a": 2}', 'has the key "a" twice in one object \\(line 1\\)');
    await refused('a.json', '{"a": 1,\n"b": }', 'has no JSON value \\(line 2\\)');
    await refused('a.json', '["\\x"]', 'has a string that is not JSON');
    await refused('a.json', '', 'ends too early');
    const names = Array.from({ length: 200_001 }, (_, at) => `"k${at}":1`).join(',');
    await refused('a.json', `{${names}}`, 'more than 200000 differently named values');
  });

  test('that is binary', async () => {
    await refused('a.dat', Buffer.from([1, 2, 0, 3]), 'is binary data of no kind that numeric reads');
  });

  test('that is larger than what is compared', async () => {
    await refused(
      'a.dat',
      Buffer.alloc(64 * 1024 * 1024 + 1, '1'),
      'has 67108865 bytes; at most 67108864 are compared',
    );
  });

  test('that a larger budget would read is not settled', async () => {
    const large = Buffer.alloc(2 ** 26 + 1, '1');
    expect(await compareNumeric('a.dat', large, large)).toMatchObject({ same: false, unsettled: expect.any(String) });
    expect(await compareNumeric('a.json', '{', '{')).not.toHaveProperty('unsettled');
  });

  test('is read in time that its length bounds', async () => {
    // Each of these once was a way to make a reader start over again and again.
    for (const piece of [
      '1',
      '1.',
      '1-',
      '1,',
      '1,2.',
      '"',
      '(',
      '1e',
      'nan',
      '-',
      '1:',
      '<!--',
      '\\',
      '{',
      'é',
      '1x',
    ]) {
      for (const path of ['a.dat', 'a.csv', 'a.json', 'a.yml']) {
        const text = piece.repeat(200_000 / piece.length);
        const result = await compareNumeric(path, text, text);
        expect(typeof result.same).toBe('boolean');
      }
    }
  });

  test('of any bytes has a result', async () => {
    const magic = fc.constantFrom(
      '',
      '\x93NUMPY\x01\x00',
      'PK\x03\x04',
      'CDF\x01',
      'CDF\x05',
      '{',
      '[',
      '<VTKFile>',
      '"',
      '%YAML',
    );
    const bytes = fc
      .tuple(magic, fc.uint8Array({ maxLength: 200 }))
      .map(([start, rest]) => Buffer.concat([Buffer.from(start, 'latin1'), rest]));
    const path = fc.constantFrom('a', 'a.csv', 'a.json', 'a.yml', 'a.npy', 'a.tsv');
    await fc.assert(
      fc.asyncProperty(path, bytes, bytes, async (name, from, toward) => {
        const result = await compareNumeric(name, from, toward);
        expect(typeof result.same).toBe('boolean');
        if (!result.same) expect(result.reason ?? result.first).toBeTruthy();
      }),
      { numRuns: 3000 },
    );
  });
});
