// Every policy number of the HTTP server, each with its unit and the rule it serves (spec: security
// §5, §10), and the bounded table that counts unauthenticated requests per address. Nothing here
// reads a clock: time is an argument.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fleet/base/time.h"

namespace fleet::http {

struct Limits {
  // One request.
  std::size_t request_line = 2 * 1024;  // bytes without the line end; more is 414
  std::size_t headers = 64;             // lines; more is 431
  std::size_t header_line = 4 * 1024;   // bytes without the line end; more is 431
  std::size_t body = 2 * 1024 * 1024;   // bytes, chunked or not; more is 413

  // All requests together: bodies that are being read or handled.
  std::size_t bodies_in_flight = 24 * 1024 * 1024;  // bytes; more is 503

  // Deadlines, each for the whole step however the bytes drip in.
  Millis head_deadline{5'000};
  Millis body_deadline{10'000};
  Millis write_deadline{10'000};           // one answer, or one piece of a stream …
  std::size_t slowest_reader = 64 * 1024;  // … and a second more for every so many bytes of it
  Millis idle_deadline{60'000};            // keep-alive between two requests
  Millis linger_deadline{1'000};           // reading on after a refusal, so that its answer arrives
  std::size_t linger_bytes = 8 * 1024 * 1024;
  Millis stop_grace{2'000};  // requests under way when the daemon stops

  // Connections.
  std::size_t connections = 128;
  std::size_t per_address = 16;    // remote ones
  std::size_t local_reserve = 32;  // of `connections`: remote ones may never take these
  std::size_t strangers = 16;      // local TCP from other users of this machine, all together
  std::size_t streams = 16;        // SSE readers

  // Buffers of one connection.
  std::size_t first_buffer = 4 * 1024;
  std::size_t body_buffer = 64 * 1024;

  std::size_t head() const { return request_line + 2 + headers * (header_line + 2) + 2; }
};

// Token buckets per address. A handler charges one *before* it computes anything for a request that
// is not authenticated; false means 429. Addresses beyond the table's bound share one bucket.
class AddressBuckets {
 public:
  explicit AddressBuckets(double per_second = 5, double burst = 5, std::size_t capacity = 4096);

  bool charge(std::string_view address, Tick now);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens;
    Tick seen;
  };
  bool take(Bucket& bucket, Tick now) const;
  Bucket& bucket_of(std::string_view address, Tick now);
  void forget_full_ones(Tick now);

  double per_second_;
  double burst_;
  std::size_t capacity_;
  std::unordered_map<std::string, Bucket> buckets_;
  Bucket overflow_;
  Tick next_sweep_{0};
};

// The key under which an address is counted: an IPv6 /64 counts as one, a mapped IPv4 as IPv4.
std::string address_key(std::string_view address);

}  // namespace fleet::http
