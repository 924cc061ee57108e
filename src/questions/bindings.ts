/**
 * DuckDB as it is asked: the few functions of its C interface that questions need, from the package that
 * `@duckdb/node-api` stands on. That one is sixty files, half of what a short question takes to start, and is loaded
 * where a column has values that only it can read.
 */
import { createRequire } from 'node:module'
import type { DuckDBVector } from '@duckdb/node-api'

/** What DuckDB handed out; it is given back when nobody has it. */
export type Handle = object

/** What is asked of `@duckdb/node-bindings`. */
export interface Bindings {
  readonly Type: Readonly<Record<'VARCHAR' | 'BIGINT' | 'INTEGER' | 'TIMESTAMP' | 'TIMESTAMP_TZ' | 'DECIMAL', number>>
  readonly StatementType: Readonly<Record<'SELECT', number>>
  open(path: string): Promise<Handle>
  close_sync(database: Handle): void
  connect(database: Handle): Promise<Handle>
  disconnect_sync(connection: Handle): void
  /** one statement after the other, `;` between them */
  query(connection: Handle, sql: string): Promise<Handle>
  extract_statements(
    connection: Handle,
    sql: string,
  ): Promise<{ readonly extracted_statements: Handle; readonly statement_count: number }>
  extract_statements_error(statements: Handle): string
  prepare_extracted_statement(connection: Handle, statements: Handle, at: number): Promise<Handle>
  prepared_statement_type(statement: Handle): number
  destroy_prepare_sync(statement: Handle): void
  execute_prepared_streaming(statement: Handle): Promise<Handle>
  column_count(result: Handle): number
  column_name(result: Handle, at: number): string
  column_type(result: Handle, at: number): number
  fetch_chunk(result: Handle): Promise<Handle | null>
  data_chunk_get_size(chunk: Handle): number
  data_chunk_get_vector(chunk: Handle, at: number): Handle
  vector_get_data(vector: Handle, bytes: number): Uint8Array
  /** null: all values are there */
  vector_get_validity(vector: Handle, bytes: number): Uint8Array | null
  get_data_from_pointer(buffer: ArrayBufferLike, at: number, bytes: number): Uint8Array
}

export interface Library {
  readonly bindings: Bindings
  /** A column whose values the package makes. */
  vectorOf(chunk: Handle, at: number): DuckDBVector
}

/** null: it is not installed. */
export function duckDb(): Library | null {
  try {
    const require = createRequire(import.meta.url)
    const path = require.resolve('@duckdb/node-api')
    return {
      // wherever its own package has it
      bindings: createRequire(path)('@duckdb/node-bindings'),
      vectorOf: (chunk, at) => {
        // to import sixty files of CommonJS is to parse each for its names first, a fifth of a second
        const { DuckDBDataChunk } = require(path) as typeof import('@duckdb/node-api')
        return new DuckDBDataChunk(chunk as never).getColumnVector(at)
      },
    }
  } catch {
    return null
  }
}
