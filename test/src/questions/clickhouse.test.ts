/** The connection to a ClickHouse server, by one that is made up: what it answers, and when it hangs up. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ClickHouse } from '../../../src/questions/clickhouse.ts'

/** What came, in order: the beginning of each statement, or `gone` where the connection was ended instead. */
const came: string[] = []
let server: Server | null = null

/** `hangsUp`: on which statements, by their ordinal; a further one on a new connection is answered. */
async function made(hangsUp: ReadonlySet<number>): Promise<ClickHouse> {
  came.length = 0
  let count = 0
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const inUrl = new URL(request.url ?? '', 'http://localhost').searchParams.get('query') ?? ''
      const text = `${inUrl}${Buffer.concat(parts).toString()}`
      if (hangsUp.has(++count)) {
        came.push('gone')
        request.socket.destroy()
        return
      }
      came.push(text.slice(0, 11).trim().toLowerCase())
      response.end(/system\.columns/.test(text) ? '{"t":"exchanges_raw","n":"key"}\n' : '{"one":1}\n')
    })
  })
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return ClickHouse.open(`clickhouse://127.0.0.1:${port}/facts`, {}, { make: false })
}

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

describe('a server that ended a connection which was kept', () => {
  it('is asked once more', async () => {
    const store = await made(new Set([2]))
    expect(await store.rows('select 1 as one')).toEqual([{ one: 1 }])
    expect(came).toEqual(['select tabl', 'gone', 'select 1 as'])
    await store.close()
  })

  it('is asked whether it is there before rows are sent to it', async () => {
    const store = await made(new Set([2]))
    await new Promise((done) => setTimeout(done, 1100))
    await store.insertInto('exchanges_raw', [{ key: 'a' }])
    await store.insertInto('exchanges_raw', [{ key: 'b' }])
    expect(came).toEqual(['select tabl', 'gone', 'select 1 as', 'insert into', 'insert into'])
    await store.close()
  })

  it('is never sent rows twice: it may have taken them', async () => {
    const store = await made(new Set([2]))
    await expect(store.insertInto('exchanges_raw', [{ key: 'a' }])).rejects.toThrow(
      /^clickhouse:\/\/127\.0\.0\.1:\d+\/facts: (EPIPE|ECONNRESET); is it running\?$/,
    )
    expect(came).toEqual(['select tabl', 'gone'])
    await store.close()
  })

  it('and does not come back is said in one line', async () => {
    const store = await made(new Set([2, 3, 4]))
    await expect(store.rows('select 1 as one')).rejects.toThrow(/facts: (EPIPE|ECONNRESET); is it running\?$/)
    await store.close()
  })
})
