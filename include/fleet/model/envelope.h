// What every road carries: {"fn":1,"t":…,"k":…,"p":…,"s":…}, a signed payload of one type. Signed
// bytes are PAE(t, k, p) over the raw payload, so whatever a road does to the text around it
// changes neither the signature nor the hash. It does not look inside the payload and knows no
// roster: the order is parse_envelope → roster lookup by key_id → verify_envelope → the payload's
// own parser.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fleet/base/crypto.h"
#include "fleet/base/result.h"

namespace fleet {

inline constexpr std::size_t kEnvelopeMaxBytes = 512 * 1024;  // on the wire, spec 2 §1

enum class PayloadType {
  message,        // fn/msg/1
  receipt,        // fn/receipt/1
  heartbeat,      // fn/hb/1
  roster,         // fn/roster/1
  hop_http,       // fn/hop-http/1
  hop_nats,       // fn/hop-nats/1
  relay_receipt,  // fn/relay-receipt/1
  pair,           // fn/pair/1
};
std::string_view to_string(PayloadType type);
std::optional<PayloadType> payload_type_named(std::string_view wire_name);

struct Envelope {
  PayloadType type = PayloadType::message;
  std::string key_id;     // a hint for the roster lookup; trusted only after verify_envelope
  std::string payload;    // raw bytes
  std::string signature;  // raw bytes: 64 of Ed25519, 32 in psk mode
  bool operator==(const Envelope&) const = default;
};

// Allocates less than its input. Nothing in the result is authenticated.
Result<Envelope> parse_envelope(std::string_view json, std::size_t max_bytes = kEnvelopeMaxBytes);
std::string to_wire(const Envelope& envelope);  // one line, no line feed at its end

std::string signed_bytes(const Envelope& envelope);   // PAE(t, k, p)
std::string envelope_hash(const Envelope& envelope);  // SHA-256 of them, 32 bytes

// base32 of the first 16 bytes of SHA-256(public key): 26 characters.
std::string key_id(std::string_view public_key);

Envelope sign_envelope(const SigningKey& key, PayloadType type, std::string payload);
bool verify_envelope(const VerifyKey& key, const Envelope& envelope);

// psk mode: one fleet key, HMAC instead of a signature. Who holds the key may claim any name.
inline constexpr std::string_view kPskPrefix = "psk:";
bool is_psk(const Envelope& envelope);
Envelope mac_envelope(const Secret& fleet_key, std::string_view fleet_key_id, PayloadType type,
                      std::string payload);
bool verify_mac(const Secret& fleet_key, const Envelope& envelope);

}  // namespace fleet
