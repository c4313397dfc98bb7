/*
 * The toy protocol of the explorers' tests for SPIN, step by step the same: a slot with a counted object, users that look
 * it up under a lock and use it, and one destroyer. Each step is one atomic transition. USERS and BUG (0, 1: lookup
 * without the lock, 2: a touch after the put) are set by -D.
 */
#ifndef USERS
#define USERS 2
#endif
#ifndef BUG
#define BUG 0
#endif

bit locked, slot, freed;
byte count = 1, data;

#define TOUCH assert(!freed)
#define LOCK atomic { !locked -> locked = 1 }
#define UNLOCK locked = 0

proctype user() {
  bit found;
#if BUG != 1
  LOCK;
#endif
  found = slot;
  if
  :: found ->
     d_step { TOUCH; count++ };
#if BUG != 1
     UNLOCK;
#endif
     TOUCH;
     d_step { TOUCH; data++ };
     d_step { TOUCH; count-- };
#if BUG == 2
     TOUCH
#endif
  :: else ->
#if BUG != 1
     UNLOCK
#else
     skip
#endif
  fi
}

proctype destroyer() {
  LOCK;
  if
  :: slot ->
     if
     :: count == 1 ->
        slot = 0;
        UNLOCK;
        count--;
        freed = 1
     :: else -> UNLOCK
     fi
  :: else -> UNLOCK
  fi
}

init {
  byte i;
  atomic {
    slot = 1;
    for (i : 1 .. USERS) { run user() };
    run destroyer()
  }
}
