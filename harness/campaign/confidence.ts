/** What is known of a kernel that is bad for certain: how often a scenario was run on it, and how often it failed. */
export interface Sample {
  readonly runs: number
  readonly failures: number
}

/**
 * How sure one is, before any run, that a scenario's verdict is the same each time. Of 269 runs of the scenarios on three
 * kernels, each made 20 times (`tierlab run --repeat 20`), 267 had one verdict every time.
 */
const SAME_EACH_TIME = 0.99

/**
 * The chance that a bad kernel goes through so many runs without a failure. Either the scenario fails there each time, or
 * it fails with some probability, of which nothing is known but the sample (a uniform prior, so a beta posterior).
 */
export function missChance({ runs, failures }: Sample, more: number): number {
  const [a, b] = [failures + 1, runs - failures + 1]
  const always = failures === runs ? SAME_EACH_TIME : 0
  const sometimes = (1 - SAME_EACH_TIME) * Math.exp(logBeta(a, b))
  return (sometimes / (always + sometimes)) * Math.exp(logBeta(a, b + more) - logBeta(a, b))
}

/** A scenario that fails less often than this lets one wait for too long. */
const MOST_RUNS = 200

/** How many runs without a failure say that a kernel is good, when at most `risk` may be wrong; undefined: too many. */
export function runsNeeded(sample: Sample, risk: number): number | undefined {
  for (let more = 1; more <= MOST_RUNS; more += 1) if (missChance(sample, more) <= risk) return more
  return undefined
}

function logBeta(a: number, b: number): number {
  return logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1)
}

function logFactorial(n: number): number {
  let sum = 0
  for (let k = 2; k <= n; k += 1) sum += Math.log(k)
  return sum
}
