#!/bin/bash
# Replays a bundled gem5 workload many times over and prints requests per CPU second of the whole process (user and
# system, start and JIT included).
#
#   benchmarks/gem5-replay.sh [SCENARIO [TIMES]]      e.g. gem5-w2b-o32x 100: 2,000,000 requests
set -eu
scenario=${1:-gem5-w2b-o32x}
times=${2:-100}
root=$(cd "$(dirname "$0")/.." && pwd -P)
data=$root/scenarios/src/main/resources/scenarios
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$data/gem5" "$work/gem5"
file=$(sed -n 's/.*"file": "\(gem5\/W[^"]*\)".*/\1/p' "$data/$scenario.json")
for _ in $(seq "$times"); do cat "$data/$file"; done >"$work/requests.gz" # gzip data may be joined end to end
# The figures to be expected are those of one replay.
sed -e "s|$file|requests.gz|" -e '/"expect": \[/,$d' "$data/$scenario.json" | sed '$s/,$/}/' >"$work/scenario.json"
"$root/iommusim" validate "$work/scenario.json" >"$work/out" # builds what is not built
TIMEFORMAT='%U %S'
cpu=$({ time "$root/iommusim" run "$work/scenario.json" >"$work/out" 2>"$work/err"; } 2>&1)
tail -n 1 "$work/err" >&2
echo "$scenario $((20000 * times)) requests, CPU seconds (user, system) $cpu" |
  awk '{ printf "%s: %d requests, %.0f per CPU second\n", $1, $2, $2 / ($(NF - 1) + $NF) }'
