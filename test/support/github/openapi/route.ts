import { type Operation, paths } from './description.ts';

/** A route of GitHub's description, e.g. `GET /repos/{owner}/{repo}/git/ref/{ref}`. */
export interface Route {
  readonly name: string;
  readonly operation: Operation;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly literals: number;
  /** Segments that can stand in one place only; null for those that a parameter fills, or that follow a spanning one. */
  readonly fixed: readonly (string | null)[];
}

/** The parameters that hold slashes; every other one is a single segment. */
const spanning = new Set(['path', 'ref', 'basehead', 'branch']);

const byMethod = new Map<string, Route[]>();

function routesOf(method: string): Route[] {
  const known = byMethod.get(method);
  if (known !== undefined) return known;
  const routes = Object.entries(paths()).flatMap(([path, item]) => {
    const operation = item[method.toLowerCase()];
    if (operation === undefined) return [];
    const names: string[] = [];
    const segments = path.split('/').slice(1);
    const pattern = segments.map(segment =>
      segment
        .split(/(\{\w+\})/)
        .map(part => {
          const name = /^\{(\w+)\}$/.exec(part)?.[1];
          if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
          names.push(name);
          return spanning.has(name) ? '(.+?)' : '([^/]+)';
        })
        .join(''),
    );
    const spans = segments.findIndex(segment => [...spanning].some(one => segment.includes(`{${one}}`)));
    const route: Route = {
      name: `${method} ${path}`,
      operation,
      // The root of the contents has no path.
      expression: new RegExp(`^/${pattern.join('/').replace(/contents\/\(\.\+\?\)$/, 'contents(?:/(.*?))?')}$`),
      names,
      literals: segments.filter(segment => !segment.includes('{')).length,
      fixed: segments.map((segment, at) => (segment.includes('{') || (spans >= 0 && at > spans) ? null : segment)),
    };
    return [route];
  });
  // Where several match, the one that says most in so many words is meant.
  routes.sort((a, b) => b.literals - a.literals);
  byMethod.set(method, routes);
  return routes;
}

const candidates = new Map<string, readonly Route[]>();

/** Those that the first and the fourth segment (`repos`, `issues`) leave of some thousand. */
function candidatesFor(method: string, path: string): readonly Route[] {
  const segments = path.split('/').slice(1);
  const key = [method, segments[0], segments[3]].join(' ');
  const known = candidates.get(key);
  if (known !== undefined) return known;
  const fits = ({ fixed }: Route) => [0, 3].every(at => fixed[at] == null || fixed[at] === segments[at]);
  const found = routesOf(method).filter(fits);
  if (found.length < routesOf(method).length && candidates.size < 1000) candidates.set(key, found);
  return found;
}

/** @returns undefined where GitHub has no such route */
export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly parameters: { readonly [name: string]: string } } | undefined {
  for (const route of candidatesFor(method, path)) {
    const match = route.expression.exec(path);
    if (match === null) continue;
    try {
      const values = route.names.map((name, at) => [name, decodeURIComponent(match[at + 1] ?? '')]);
      return { route, parameters: Object.fromEntries(values) };
    } catch {
      return undefined;
    }
  }
  return undefined;
}
