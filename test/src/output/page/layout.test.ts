import { describe, expect, test } from 'vitest'
import { type Column, hanging, type Row, table, width, wrap } from '../../../../src/output/page/layout.ts'
import { visible, visibleDeep } from '../../../../src/output/page/visible.ts'

const PLAIN_PAINT = { title: (text: string) => text, cell: (text: string) => text }

describe('visible', () => {
  const cases: [text: string, shown: string][] = [
    ['alice', 'alice'],
    ['Zoë 部署', 'Zoë 部署'],
    ['\x1b[2Jx', '\\x1b[2Jx'],
    ['a\r\nb\tc\0\x7f', 'a\\x0d\\x0ab\\x09c\\x00\\x7f'],
    ['\u009b31m', '\\x9b31m'],
    ['a\u202eb\u2066c\u200bd\u2028e\ufeff', 'a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e\\u{feff}'],
    ['\ud800x', '\\u{d800}x'],
    ['\u{e0041}', '\\u{e0041}'],
  ]
  test.each(cases)('%j', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test('goes through lists and objects, names of properties included', () => {
    const deep = visibleDeep({ 'a\x1b': ['\x07', 1, null, { b: '\x08' }], c: true })
    expect(deep).toEqual({ 'a\\x1b': ['\\x07', 1, null, { b: '\\x08' }], c: true })
  })
})

describe('wrap', () => {
  test('breaks at spaces', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four'])
  })

  test('a word that is too long breaks where names and paths do', () => {
    expect(wrap('see fs01.corp.example now', 11)).toEqual(['see', 'fs01.corp.', 'example now'])
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  })

  test('an escape that `visible` wrote stays together', () => {
    expect(wrap('abcd\\x1befgh', 8)).toEqual(['abcd\\x1b', 'efgh'].flatMap((line) => wrap(line, 8)))
    for (const line of wrap('root@host.\\x1b[2J', 10)) expect(line).not.toMatch(/\\$/)
  })

  test('wide characters take two columns', () => {
    expect(width('部署')).toBe(4)
    expect(wrap('部署部署部署', 5)).toEqual(['部署', '部署', '部署'])
  })

  test('hangs below its text', () => {
    expect(hanging('fix: ', 'one two three', 12)).toEqual(['fix: one two', '     three'])
  })
})

describe('table', () => {
  const columns: Column[] = [
    { title: 'A', dispensable: 0, firstWhole: true, narrowest: 4 },
    { title: 'B', dispensable: 2 },
    { title: 'N', align: 'right', dispensable: 1 },
    { title: 'C', dispensable: 0 },
  ]
  const rows: Row[] = [
    { cells: ['10.0.0.1\nhost.example', 'beta', '5', 'x'], notes: ['a note over all of it'] },
    { cells: ['10.0.0.200', 'b', '1,234', ''], notes: [] },
  ]

  test('puts the parts of a cell beside each other where there is room', () => {
    expect(table(columns, rows, 60, PLAIN_PAINT)).toEqual([
      'A                      B         N  C',
      '10.0.0.1 host.example  beta      5  x',
      'a note over all of it',
      '',
      '10.0.0.200             b     1,234',
    ])
  })

  test('leaves out the most dispensable column first, and breaks what may break', () => {
    expect(table(columns, rows, 22, PLAIN_PAINT)).toEqual([
      'A                 N  C',
      '10.0.0.1          5  x',
      'host.example',
      'a note over all of it',
      '',
      '10.0.0.200    1,234',
    ])
    expect(table(columns, rows, 20, PLAIN_PAINT)).toContain('example')
  })

  test('leaves out columns that are empty everywhere', () => {
    const empty = rows.map((row) => ({ ...row, cells: row.cells.map((cell, at) => (at === 1 ? '' : cell)) }))
    expect(table(columns, empty, 60, PLAIN_PAINT)![0]).toBe('A                          N  C')
  })

  test('is nothing where the indispensable does not fit', () => {
    expect(table(columns, rows, 10, PLAIN_PAINT)).toBeNull()
  })
})
