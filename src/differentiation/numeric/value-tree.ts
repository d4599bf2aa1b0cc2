import { type Block, type NumericDocument, ValueList, type Words } from './numeric-document.ts';
import { unreadable } from './unreadable.ts';

/** Deeper nesting is nobody's data. */
export const deepestNesting = 256;
/** Each differently named place costs memory of its own. */
const mostPlaces = 200_000;

/**
 * Nested lists and mappings (JSON, YAML) as blocks: values whose places differ in list indices alone are one block,
 * named by a JSON pointer with a * for each index, e.g. `/steps/*\/energy`. The order of keys has no part in it.
 */
export class ValueTree {
  readonly root = new TreeNode(null, '');
  readonly #words: Words;
  /** The list indices on the way to the value that is being read. */
  readonly indices: number[] = [];
  #places = 0;

  constructor(words: Words) {
    this.#words = words;
  }

  /** The node of a key below `node`. */
  member(node: TreeNode, key: string): TreeNode {
    node.members ??= new Map();
    let member = node.members.get(key);
    if (member === undefined) {
      if (++this.#places > mostPlaces) throw unreadable(`has more than ${mostPlaces} differently named values`);
      member = new TreeNode(node, key);
      node.members.set(key, member);
    }
    return member;
  }

  /** The node of all items of the list `node`; the caller keeps `indices`. */
  item(node: TreeNode): TreeNode {
    node.items ??= new TreeNode(node, null);
    return node.items;
  }

  /** Where to add the value that stands at `node`. */
  valuesOf(node: TreeNode): ValueList {
    node.values ??= new ValueList(this.#words, 4);
    for (const index of this.indices) node.addIndex(index);
    return node.values;
  }

  document(): NumericDocument {
    const blocks: Block[] = [];
    const waiting = [this.root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node.values !== null) blocks.push(blockOf(node, node.values));
      if (node.items !== null) waiting.push(node.items);
      for (const member of [...(node.members?.values() ?? [])].reverse()) waiting.push(member);
    }
    return { blocks };
  }
}

export class TreeNode {
  readonly parent: TreeNode | null;
  /** null for the items of a list. */
  readonly key: string | null;
  members: Map<string, TreeNode> | null = null;
  items: TreeNode | null = null;
  values: ValueList | null = null;
  #indices: Int32Array = noIndices;
  #indexCount = 0;

  constructor(parent: TreeNode | null, key: string | null) {
    this.parent = parent;
    this.key = key;
  }

  addIndex(index: number): void {
    if (this.#indexCount === this.#indices.length) {
      const longer = new Int32Array(Math.max(8, this.#indices.length * 2));
      longer.set(this.#indices);
      this.#indices = longer;
    }
    this.#indices[this.#indexCount++] = index;
  }

  get indices(): Int32Array {
    return this.#indices.subarray(0, this.#indexCount);
  }

  /** Keys from the root, null for an index. */
  path(): (string | null)[] {
    const path: (string | null)[] = [];
    for (let node: TreeNode = this; node.parent !== null; node = node.parent) path.unshift(node.key);
    return path;
  }
}

const noIndices = new Int32Array(0);

function blockOf(node: TreeNode, list: ValueList): Block {
  const path = node.path();
  const depth = path.filter(part => part === null).length;
  const layout = node.indices;
  return {
    ...list.take(),
    name: path.map(part => `/${part === null ? '*' : escaped(part)}`).join(''),
    shape: [list.length],
    columns: null,
    layout,
    wordsBetween: false,
    unit: null,
    place: index => {
      let at = index * depth;
      const place = path.map(part => `/${part === null ? layout[at++] : escaped(part)}`).join('');
      return place === '' ? 'the value' : place;
    },
  };
}

/** As RFC 6901 writes a key into a pointer. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
