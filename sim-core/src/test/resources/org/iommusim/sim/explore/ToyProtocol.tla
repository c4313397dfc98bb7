---------------------------- MODULE ToyProtocol ----------------------------
(* The protocol of ToyProtocol.java for the model checker TLC, step by step   *)
(* the same: a slot with a counted object, users that look it up under a lock *)
(* and use it, and one destroyer. Written for this project; explorers were    *)
(* compared with each other on these steps before, which is where the numbers *)
(* of states come from that the test expects.                                 *)
EXTENDS Naturals

CONSTANTS Users, Bug        \* users are 1..Users, the destroyer is 0

VARIABLES locked, slot, count, freed, data, at, touchedFreed

vars == <<locked, slot, count, freed, data, at, touchedFreed>>

Done == 8

Init ==
  /\ locked = FALSE /\ slot = TRUE /\ count = 1 /\ freed = FALSE /\ data = 0
  /\ at = [lane \in 0..Users |-> IF Bug = 1 /\ lane # 0 THEN 1 ELSE 0]
  /\ touchedFreed = FALSE

Go(lane, place) == at' = [at EXCEPT ![lane] = place]

Touch == touchedFreed' = (touchedFreed \/ freed)

Keep(variables) == UNCHANGED variables

Lock(lane) ==
  /\ ~locked /\ locked' = TRUE /\ Go(lane, 1)
  /\ Keep(<<slot, count, freed, data, touchedFreed>>)

Unlock(lane, place) ==
  /\ locked' = FALSE /\ Go(lane, place)
  /\ Keep(<<slot, count, freed, data, touchedFreed>>)

Put(lane, place) == count' = count - 1 /\ Go(lane, place)

User(u) ==
  \/ at[u] = 0 /\ Lock(u)
  \/ at[u] = 1 /\ Go(u, IF slot THEN 2 ELSE IF Bug = 1 THEN Done ELSE 7)
               /\ Keep(<<locked, slot, count, freed, data, touchedFreed>>)
  \/ at[u] = 2 /\ Touch /\ count' = count + 1 /\ Go(u, IF Bug = 1 THEN 4 ELSE 3)
               /\ Keep(<<locked, slot, freed, data>>)
  \/ at[u] = 3 /\ Unlock(u, 4)
  \/ at[u] = 4 /\ Touch /\ Go(u, 5) /\ Keep(<<locked, slot, count, freed, data>>)
  \/ at[u] = 5 /\ Touch /\ data' = data + 1 /\ Go(u, 6)
               /\ Keep(<<locked, slot, count, freed>>)
  \/ at[u] = 6 /\ Touch /\ Put(u, IF Bug = 2 THEN 9 ELSE Done)
               /\ Keep(<<locked, slot, freed, data>>)
  \/ at[u] = 9 /\ Touch /\ Go(u, Done) /\ Keep(<<locked, slot, count, freed, data>>)
  \/ at[u] = 7 /\ Unlock(u, Done)

Destroyer ==
  \/ at[0] = 0 /\ Lock(0)
  \/ at[0] = 1 /\ Go(0, IF slot THEN 2 ELSE 7)
               /\ Keep(<<locked, slot, count, freed, data, touchedFreed>>)
  \/ at[0] = 2 /\ Go(0, IF count = 1 THEN 3 ELSE 7)
               /\ Keep(<<locked, slot, count, freed, data, touchedFreed>>)
  \/ at[0] = 3 /\ slot' = FALSE /\ Go(0, 4)
               /\ Keep(<<locked, count, freed, data, touchedFreed>>)
  \/ at[0] = 4 /\ Unlock(0, 5)
  \/ at[0] = 5 /\ Put(0, 6) /\ Keep(<<locked, slot, freed, data, touchedFreed>>)
  \/ at[0] = 6 /\ freed' = TRUE /\ Go(0, Done)
               /\ Keep(<<locked, slot, count, data, touchedFreed>>)
  \/ at[0] = 7 /\ Unlock(0, Done)

Next == Destroyer \/ \E u \in 1..Users : User(u)

Spec == Init /\ [][Next]_vars

NoUseAfterFree == ~touchedFreed
=============================================================================
