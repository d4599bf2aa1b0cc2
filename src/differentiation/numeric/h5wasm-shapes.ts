/** What is used of the optional package h5wasm (0.10), whose own types name parts of Node and of the browser. */

export interface Metadata {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  readonly vlen: boolean;
  readonly shape: readonly number[] | null;
  /** Elements in all. */
  readonly total_size: number;
  readonly virtual_sources?: readonly unknown[];
  readonly compound_type?: {
    readonly members: readonly (Metadata & { readonly name: string; readonly offset: number })[];
  };
  readonly array_type?: Metadata;
  readonly enum_type?: { readonly members: Readonly<{ [name: string]: number }>; readonly type: number };
}

export interface Entity {
  readonly type: string;
  readonly path: string;
  readonly file_id: bigint;
}

export interface Dataset extends Entity {
  readonly metadata: Metadata;
  readonly filters: readonly { readonly id: number; readonly name: string }[];
  readonly value: unknown;
  readonly attrs: Readonly<{ [name: string]: unknown }>;
  get_attribute(name: string, jsonCompatible: true): unknown;
}

export interface Group extends Entity {
  keys(): string[];
  get(name: string): Entity | null;
}

export interface H5WasmModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly FS: { writeFile(name: string, bytes: Uint8Array): void; unlink(name: string): void };
  activate_throwing_error_handler(): number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** Below 0 when it failed. */
  get_dataset_data(file: bigint, path: string, count: null, offset: null, strides: null, pointer: bigint): number;
}
