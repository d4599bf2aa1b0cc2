import { type Operation, paths } from './description.ts';

/** A route of GitHub's description, e.g. `GET /repos/{owner}/{repo}/git/ref/{ref}`. */
export interface Route {
  readonly name: string;
  readonly operation: Operation;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly literals: number;
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
    const route: Route = {
      name: `${method} ${path}`,
      operation,
      // The root of the contents has no path.
      expression: new RegExp(`^/${pattern.join('/').replace(/contents\/\(\.\+\?\)$/, 'contents(?:/(.*?))?')}$`),
      names,
      literals: segments.filter(segment => !segment.includes('{')).length,
    };
    return [route];
  });
  // Where several match, the one that says most in so many words is meant.
  routes.sort((a, b) => b.literals - a.literals);
  byMethod.set(method, routes);
  return routes;
}

/** @returns undefined where GitHub has no such route */
export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly parameters: { readonly [name: string]: string } } | undefined {
  for (const route of routesOf(method)) {
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
