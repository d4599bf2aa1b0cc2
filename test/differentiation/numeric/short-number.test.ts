import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Words } from '../../../src/differentiation/numeric/numeric-document.ts';
import { readWhitespaceTable } from '../../../src/differentiation/numeric/read-whitespace-table.ts';
import { ShortNumber, shortNumberReach } from '../../../src/differentiation/numeric/short-number.ts';

/** The number that `text` begins with and what follows it; null where there is no short one. What lies behind is junk. */
function read(text: string, junk = ' ') {
  const bytes = Buffer.from(text + junk.repeat(shortNumberReach));
  const short = new ShortNumber();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return short.read(bytes, view, 0) ? { value: short.value, end: short.end } : null;
}

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });

describe('ShortNumber', () => {
  test('reads what is short as Number does, and only that', () => {
    const parts = fc.tuple(fc.constantFrom('', '-'), digits(12), fc.constantFrom('', '.'), digits(18));
    fc.assert(
      fc.property(parts, fc.constantFrom(' ', '\n', '\t', '\r'), ([sign, whole, point, part], after) => {
        const places = point === '' ? '' : part;
        const count = whole.length + places.length;
        const text = `${sign}${whole}${point}${places}`;
        const found = read(text + after, '7');
        if (whole.length > 9 || count === 0 || count > 15) expect(found, text).toBeNull();
        else {
          expect(found?.end, text).toBe(text.length);
          expect(Object.is(found?.value, Number(text)), `${text} read as ${found?.value}`).toBe(true);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test('takes no byte for a digit that is none, nor for white space', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const text of ['1.23', '1', '-0.123456', '12.3456', '1.', '.5']) {
        const bytes = Buffer.concat([
          Buffer.from(text),
          Buffer.from([byte]),
          Buffer.from('1'.repeat(shortNumberReach)),
        ]);
        const short = new ShortNumber();
        const isRead = short.read(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
        expect(isRead, `${text} and byte ${byte}`).toBe(byte <= 32);
        if (isRead) expect([short.value, short.end]).toEqual([Number(text), text.length]);
      }
    }
  });

  test.each(['', '.', '-', '-.', '--1', '+1', '1-', '1.2.3', '1e5', 'nan', '0x1', '1,5'])('leaves %j to others', text =>
    expect(read(text)).toBeNull(),
  );

  test('never looks farther than it says', () => {
    const bytes = Buffer.from('1'.repeat(8) + '.'.padEnd(shortNumberReach - 8, '1'));
    const exact = new Uint8Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + shortNumberReach));
    const view = new DataView(exact.buffer);
    for (let point = 0; point <= 10; point++) {
      exact.fill(49);
      exact[point] = 46;
      expect(new ShortNumber().read(exact, view, 0)).toBe(false);
      exact[0] = 45;
      expect(new ShortNumber().read(exact, view, 0)).toBe(false);
    }
  });
});

describe('a table of white space', () => {
  const number = fc.oneof(
    fc
      .tuple(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), fc.nat(12))
      .map(([x, n]) => x.toFixed(n)),
    // Without the point, whole numbers beyond 2^53 would be kept by their digits.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(x => (/^-?\d+$/.test(String(x)) ? `${x}.0` : String(x))),
    fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20)).map(([x, n]) => x.toExponential(n)),
    fc.integer().map(String),
    fc.maxSafeInteger().map(String),
    fc.constantFrom('-0', '0', '-0.0', '00012.50', '5.', '.5', '-.5', '+3.25'),
  );

  test('has the numbers that Number reads from its words, wherever they stand', () => {
    const rows = fc
      .integer({ min: 1, max: 6 })
      .chain(columns =>
        fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 30 }),
      );
    const blank = fc.constantFrom(' ', '  ', '\t', ' \t ');
    const end = fc.constantFrom('\n', '\r\n', '\n\n', ' \n', '\n# 1 2 3\n', ' # 4.5\n');
    fc.assert(
      fc.property(rows, blank, end, fc.constantFrom('', ' ', '\n'), (table, between, newline, last) => {
        const text = table.map(row => row.join(between)).join(newline) + last;
        const document = readWhitespaceTable(Buffer.from(text), new Words());
        const [block] = document!.blocks;
        expect(block!.shape).toEqual([table.length, table[0]!.length]);
        const words = table.flat();
        for (const [at, word] of words.entries()) {
          expect(Object.is(block!.numbers[at], Number(word)), `${word} read as ${block!.numbers[at]}`).toBe(true);
        }
        expect(block!.kinds).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  test('of rows that differ in length is none, though the short one stands between equal ones', () => {
    const row = '1.5 2.5 3.5\n';
    expect(readWhitespaceTable(Buffer.from(row.repeat(40)), new Words())!.blocks[0]!.shape).toEqual([40, 3]);
    expect(readWhitespaceTable(Buffer.from(`${row.repeat(20)}1.5 2.5\n${row.repeat(20)}`), new Words())).toBeNull();
    expect(
      readWhitespaceTable(Buffer.from(`${row.repeat(20)}1.5 2.5 3.5 4.5\n${row.repeat(20)}`), new Words()),
    ).toBeNull();
  });
});
