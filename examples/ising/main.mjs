// The Ising model of a magnet on a square lattice, simulated by the Metropolis algorithm from a random start.
// Usage: node main.mjs default.param
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Reads `name = number` lines; `#` begins a comment. */
function readParameters(path) {
  const parameters = {};
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [name, value] = line.replace(/#.*/, '').split('=');
    if (value !== undefined) parameters[name.trim()] = Number(value);
  }
  return parameters;
}

/** Numbers in [0, 1) that the seed alone decides: mulberry32. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function run(path) {
  const { seed, size, temperature, sweeps } = readParameters(path);
  const random = randomNumbers(seed);
  const spins = Array.from({ length: size * size }, () => (random() < 0.5 ? -1 : 1));
  const right = site => site - (site % size) + ((site + 1) % size);
  const left = site => site - (site % size) + ((site + size - 1) % size);
  const below = site => (site + size) % spins.length;
  const above = site => (site + spins.length - size) % spins.length;
  const field = site => spins[right(site)] + spins[left(site)] + spins[below(site)] + spins[above(site)];

  const lines = ['# sweep magnetisation energy'];
  for (let sweep = 1; sweep <= sweeps; sweep++) {
    for (let step = 0; step < spins.length; step++) {
      const site = Math.floor(random() * spins.length);
      const cost = 2 * spins[site] * field(site);
      if (cost <= 0 || random() < Math.exp(-cost / temperature)) spins[site] = -spins[site];
    }
    const magnetisation = spins.reduce((sum, spin) => sum + spin, 0) / spins.length;
    const energy = spins.reduce((sum, spin, site) => sum - spin * (spins[right(site)] + spins[below(site)]), 0);
    lines.push(`${sweep} ${magnetisation.toFixed(6)} ${(energy / spins.length).toFixed(6)}`);
  }
  mkdirSync('Data', { recursive: true });
  writeFileSync('Data/magnetisation.dat', `${lines.join('\n')}\n`);
}

run(process.argv[2]);
