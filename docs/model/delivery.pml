/* One sender, one receiver, one reader: what may be claimed about a message when everything fails.
 *
 * In every reachable state: no false `stored`, nothing shown twice. From every reachable state,
 * once the faults stop: nothing accepted is lost, no stream keeps a gap, all is shown.
 *
 * A set of messages is a bit mask. A frame that was ever sent may arrive at any time, any number of
 * times, in any order, or never: that is the network. Every rule is one atomic step. The planted
 * bugs are the #ifdef lines; `run` expects each of them to be found.
 */
#define M 3                       /* messages, over all streams */
#ifndef READING
#define READING 0                 /* 1: the hooks run among the faults too, with one message less */
#endif
#define B(m)        (1 << (m))
#define HAS(set, m) (((set) & B(m)) != 0)
#define STORED  0                 /* facts that the receiver keeps: index of now[] and disk[] */
#define REFUSED 1
#define VOID    2
#define OFFERED 3

byte epoch_of[M], dseq_of[M];     /* the name of a message, given once */
byte made;                        /* names given */
#define SAME_NAME(x, y) (epoch_of[x] == epoch_of[y] && dseq_of[x] == dseq_of[y])
#define IN_STREAM(m, s) (m < made && epoch_of[m] == s)

/* Sender: `pending` is its open transaction, the rest is on its disk and in the backup. */
byte epoch = 1, starts = 1;
byte pending, accepted, voided, stored, refused;
byte old_epoch, old_accepted;     /* the backup: outbox rows, without what was learned of them */
bool restored;
/* Receiver: now[] includes its open transaction, disk[] is what a crash leaves. */
byte now[4], disk[4];
/* Frames that were ever sent; of cumulative receipts the last: "all <= tip_dseq but `listed`". */
byte sent, sent_void, receipted;
byte tip_epoch, tip_dseq, tip_hash, listed;

byte printed, shown;              /* in the client's hands; in the session's transcript */
hidden byte i, j, k, w, names, hit;   /* scratch of one step */

/* ---- sender ---- */
inline take() {                   /* dseq is dense in (epoch, destination) */
  epoch_of[made] = epoch; dseq_of[made] = 1;
  for (i : 0 .. M - 1) {
    if :: HAS(accepted | pending, i) && epoch_of[i] == epoch -> dseq_of[made]++ :: else fi
  }
  pending = pending | B(made); made++
}
inline commit_accept() {          /* the 202 and the first transmission follow the commit */
  accepted = accepted | pending; sent = sent | pending; pending = 0
}
inline cancel(m) { voided = voided | B(m); sent_void = sent_void | B(m) }
inline believe(m) {               /* the only place where the sender claims `stored` */
  assert(HAS(disk[STORED], m));   /* no false `stored` */
  stored = stored | B(m)
}
inline learn_cumulative() {       /* only where our envelope at its end has the hash it names */
  hit = false;
  for (i : 0 .. M - 1) {
    if :: HAS(accepted, i) && epoch_of[i] == tip_epoch && dseq_of[i] == tip_dseq ->
            hit = (tip_hash == i + 1)
       :: else fi
  }
  for (i : 0 .. M - 1) {
    if :: hit && HAS(accepted, i) && epoch_of[i] == tip_epoch && dseq_of[i] <= tip_dseq &&
          !HAS(listed, dseq_of[i]) && !HAS(stored, i) -> believe(i)
       :: else fi
  }
}
inline start_sender() { starts++; epoch = starts; pending = 0 }
inline back_up() { old_epoch = epoch; old_accepted = accepted }
inline restore() {
  start_sender(); restored = true;
  accepted = old_accepted; voided = 0; stored = 0; refused = 0;
#ifdef EPOCH_REUSED
  epoch = old_epoch
#endif
}

/* ---- receiver ---- */
inline arrive(m, refuses) {       /* a duplicate changes nothing; void and late is stored */
  hit = HAS(now[STORED] | now[REFUSED], m);
  for (j : 0 .. M - 1) {          /* the same name with other bytes: 409, no receipt */
    hit = hit || (HAS(now[STORED] | now[REFUSED], j) && SAME_NAME(j, m))
  }
  if :: hit :: !hit && refuses -> now[REFUSED] = now[REFUSED] | B(m)
     :: else -> now[STORED] = now[STORED] | B(m) fi
}
inline arrive_void(m) {
#ifdef VOID_BLOCKS
  skip
#else
  if :: !HAS(now[STORED] | now[REFUSED], m) -> now[VOID] = now[VOID] | B(m) :: else fi
#endif
}
inline commit_receiver() { for (j : 0 .. 3) { disk[j] = now[j] } }
inline crash_receiver()  { for (j : 0 .. 3) { now[j] = disk[j] } }
#ifdef RECEIPT_BEFORE_COMMIT
#define PROVEN now[STORED]
#else
#define PROVEN disk[STORED]
#endif
inline watermark(s) {             /* w: every name of stream s up to it is stored, refused or void */
  w = 0; names = 0; hit = true;
  do
  :: hit -> hit = false;
     for (j : 0 .. M - 1) {
       hit = hit || (IN_STREAM(j, s) && dseq_of[j] == w + 1 &&
                     HAS(PROVEN | disk[REFUSED] | disk[VOID], j))
     }
     w = w + hit
  :: else -> break
  od;
  for (j : 0 .. M - 1) { names = names + (HAS(accepted, j) && epoch_of[j] == s) }
}
inline receipt_cumulative(s) {    /* ends at the last stored name up to the watermark */
  watermark(s); tip_epoch = s; tip_dseq = 0; tip_hash = 0; listed = 0;
  for (j : 0 .. M - 1) {
    if :: IN_STREAM(j, s) && dseq_of[j] <= w && HAS(PROVEN, j) && dseq_of[j] > tip_dseq ->
            tip_dseq = dseq_of[j]; tip_hash = j + 1
#ifndef VOID_NOT_LISTED
       :: IN_STREAM(j, s) && dseq_of[j] <= w && !HAS(PROVEN, j) &&
          HAS(disk[REFUSED] | disk[VOID], j) -> listed = listed | B(dseq_of[j])
#endif
       :: else fi
  }
}

/* ---- reader: a hook at each prompt; the client takes or drops what it printed ---- */
inline offer(m) {
  now[OFFERED] = now[OFFERED] | B(m);
#ifdef SHOWN_BEFORE_OFFERED
  printed = printed | B(m)
#endif
}
inline client_takes(m) {
  assert(!HAS(shown, m));         /* nothing shown twice */
  shown = shown | B(m); printed = printed & ~B(m)
}
#define NO_EVIDENCE(m) (HAS(disk[OFFERED], m) && !HAS(printed | shown, m))

/* ---- the faults stop: what is owed is resent, received, receipted and shown ---- */
#define OWED(m) (HAS(accepted, m) && !HAS(stored | voided | refused, m))
inline settle() {
  commit_accept(); commit_receiver();
  for (k : 0 .. M - 1) { if :: HAS(accepted & voided, k) -> arrive_void(k) :: else fi;
                         if :: OWED(k) -> arrive(k, false) :: else fi }
  commit_receiver();
  for (k : 0 .. M - 1) {
    if :: OWED(k) && HAS(disk[STORED], k) -> believe(k) :: else fi;
    if :: OWED(k) && HAS(disk[REFUSED], k) -> refused = refused | B(k) :: else fi;
    if :: HAS(printed, k) -> client_takes(k) :: else fi;
    if :: HAS(disk[STORED] & ~now[OFFERED], k) -> offer(k) :: else fi
  }
  commit_receiver();
  for (k : 0 .. M - 1) { if :: NO_EVIDENCE(k) -> client_takes(k) :: else fi }
  for (k : 0 .. M - 1) {
    assert(!OWED(k));
    assert(!HAS(sent & ~accepted & ~disk[STORED] & ~disk[REFUSED], k) ||
           (restored && !HAS(old_accepted, k)));    /* died with the disk, before the backup */
    assert(!HAS(disk[STORED] & ~shown, k))
  }
  for (k : 1 .. starts) {         /* a restored sender cannot close the streams it has forgotten */
    watermark(k); assert((restored && k != epoch) || w == names)
  }
}

#define ON(guard, act) :: d_step { guard -> act; skip }
#define RULES(m) \
  ON(OWED(m) && !HAS(sent_void, m), cancel(m)) \
  ON(HAS(sent & ~now[STORED] & ~now[REFUSED], m), arrive(m, false)) \
  ON(m == 1 && HAS(sent & ~now[STORED] & ~now[REFUSED], m), arrive(m, true)) \
  ON(HAS(sent_void & ~now[VOID], m), arrive_void(m)) \
  ON(HAS(PROVEN & ~receipted, m), receipted = receipted | B(m)) \
  ON(HAS(receipted & accepted & ~stored, m), believe(m)) \
  ON(HAS(disk[REFUSED] & accepted & ~refused, m), refused = refused | B(m)) \
  ON(m < made, receipt_cumulative(epoch_of[m])) \
  ON(READING && HAS(disk[STORED] & ~now[OFFERED], m), offer(m)) \
  ON(NO_EVIDENCE(m), printed = printed | B(m)) \
  ON(HAS(printed, m), client_takes(m)) \
  ON(HAS(printed, m), printed = printed & ~B(m))

init {
  do
  RULES(0) RULES(1) RULES(2)
  ON(made < M - READING, take())
  ON(pending != 0, commit_accept())
  ON(tip_dseq > 0, learn_cumulative())
  ON(true, commit_receiver())
  ON(true, crash_receiver())
  ON(starts < 2 + restored, start_sender())
  ON(!restored && old_epoch == 0, back_up())
  ON(!restored && old_epoch != 0, restore())
  :: d_step { settle(); skip } -> break
  od
}
