/**
 * A small real simulation that needs nothing but a shell and awk: it draws n numbers from a generator that a parameter
 * file seeds, by a model that stands in a file of its own.
 */
export const simulation: Readonly<{ [path: string]: string }> = {
  'simulate.sh': `set -e
. ./model.sh
. "./$1"
mkdir -p Data
draw "$seed" "$n" > Data/result.txt
`,
  'model.sh': `draw() {
  awk -v seed="$1" -v n="$2" 'BEGIN { x = seed; for (i = 0; i < n; i++) { x = (x * 16807) % 2147483647; print x } }'
}
`,
  'default.param': 'seed=65785\nn=10\n',
};

/** The command that runs it. */
export const simulate = ['sh', 'simulate.sh', 'default.param'] as const;

/** corroborate.yml of a project that says what is what. */
export const configured = "inputs: ['*.param']\noutputs: ['Data/**']\n";
