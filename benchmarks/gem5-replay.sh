#!/bin/bash
# Replays a bundled gem5 workload many times over and prints requests per CPU second of the whole process (user and
# system, start and JIT included), beside those of gem5 where it was timed with the same workload.
#
#   benchmarks/gem5-replay.sh [SCENARIO [TIMES]]      e.g. gem5-w2b-o32x 100: 2,000,000 requests
set -eu
# The launcher keeps the second compiler short, which suits runs of seconds. Millions of requests pay for its usual work.
export IOMMUSIM_JAVA_OPTS="${IOMMUSIM_JAVA_OPTS:--XX:FreqInlineSize=325 -XX:InlineSmallCode=2500 -XX:MaxInlineLevel=25}"
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
# gem5 v24.0, requests per CPU second: as it is shipped, and with the stacks of its coroutines recycled.
case $scenario in
  gem5-w1a-*) gem5='31500 217000' ;;
  gem5-w2b-*) gem5='29000 126000' ;;
  gem5-w3b-*) gem5='26000 96000' ;;
  *) gem5='' ;;
esac
echo "$scenario $((20000 * times)) $cpu $gem5" | awk '{
  speed = $2 / ($3 + $4)
  printf "%s: %d requests, %.0f per CPU second (whole process, user and system, start and JIT included)\n", $1, $2, speed
  if (NF > 4) {
    printf "  gem5 as shipped %d: %.1f times as many; with recycled stacks %d: %.2f times\n", $5, speed / $5, $6, speed / $6
  }
}'
