// At the end of the process the NATS library drops what its dispatcher still had queued for a
// closed connection without freeing it: a few bytes, once, and not ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:natsMsg_create\n"; }
