#!/bin/bash
# How fast the explorers are on a small protocol, and SPIN on the same one where spin and gcc are installed.
#
#   taskset -c 1 benchmarks/explore-peers.sh [ROUNDS]
#
# Everything runs on one CPU at a time; compare the rows of one run with each other, not with those of another machine.
set -eu
rounds=${1:-5}
root=$(cd "$(dirname "$0")/.." && pwd -P)
jar=$root/benchmarks/target/benchmarks.jar
[ -f "$jar" ] || (cd "$root" && mvn -q -pl benchmarks -am -Pfast -DskipTests package)
sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1
java -version 2>&1 | head -n 1
echo "load $(cut -d' ' -f1 /proc/loadavg)"
java -XX:+UseSerialGC -Xmx2g -cp "$jar" org.iommusim.benchmarks.ExplorePeers "$rounds"

if ! command -v spin >/dev/null || ! command -v gcc >/dev/null; then
  echo "SPIN: not measured, spin and gcc are not both installed"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/benchmarks/src/main/spin/toy-protocol.pml" "$work"
cd "$work"
TIMEFORMAT=%U

# pan NAME USERS BUG GCC_OPTIONS: states and CPU seconds of the verifier alone, the best of the rounds.
pan() {
  local name=$1 users=$2 bug=$3 best=
  shift 3
  spin -a -DUSERS="$users" -DBUG="$bug" toy-protocol.pml >spin.out
  gcc -O2 -DMEMLIM=1900 -DSAFETY "$@" -o pan pan.c 2>gcc.out
  for _ in $(seq "$rounds"); do
    seconds=$({ time ./pan -m100000 -w24 >pan.out 2>&1; } 2>&1)
    best=$(printf '%s\n%s\n' "$best" "$seconds" | grep . | sort -g | head -n 1)
  done
  awk -v name="$name" -v users="$users" -v bug="$bug" -v s="$best" '
    / states, stored/ { states = $1 }
    / transitions \(=/ { transitions = $1 }
    /errors:/ { sub(/.*errors: */, ""); errors = $1 }
    END {
      printf "%-20s %d users, bug %d: %d states, %d transitions, %s errors, %.3f s", name, users, bug, states, transitions, errors, s
      if (s >= 0.05) printf ", %.2f M states/s, %.2f M transitions/s", states / s / 1e6, transitions / s / 1e6
      print ""
    }' pan.out
}
pan "SPIN, no reduction" 6 0 -DNOREDUCE
pan "SPIN, reduction" 6 0
pan "SPIN, reduction" 2 1
pan "SPIN, reduction" 2 2
