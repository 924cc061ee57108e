/**
 * A ClickHouse server for tests: the library of chdb is `clickhouse local`, and that listens. Ends when its standard input ends.
 *
 * node server.mjs HTTP_PORT TCP_PORT FOLDER [CONFIG]; standard input has to be a pipe (`cat | node server.mjs ...`), since the server opens it by name.
 */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [http, tcp, folder, config] = process.argv.slice(2)
const require = createRequire(pathToFileURL(join(process.env.CHDB_MODULES ?? import.meta.dirname, 'package.json')))
const { open, load, DataType } = require('ffi-rs')
const libraries = join(dirname(dirname(require.resolve('chdb'))), '..', '@chdb')
const library = join(findModules(), readdirSync(findModules())[0], 'libchdb.so')

function findModules() {
  for (const place of [libraries, join(dirname(require.resolve('chdb')), '..', '@chdb')]) {
    try {
      readdirSync(place)
      return place
    } catch {
      // the other one
    }
  }
  throw new Error('no library of chdb')
}

const words = [
  'clickhouse',
  ...(config ? [`--config-file=${config}`] : []),
  `--http_port=${http}`,
  `--tcp_port=${tcp}`,
  '--listen_host=127.0.0.1',
  `--path=${folder}`,
  "--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; select count() from file('/dev/stdin','LineAsString')",
]
open({ library: 'chdb', path: library })
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [words.length, words],
})
