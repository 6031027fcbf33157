#include "fleet/model/envelope.h"

#include <array>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/pae.h"

namespace fleet {

namespace {

constexpr std::size_t kKeyIdHashBytes = 16;

constexpr std::array<std::pair<PayloadType, std::string_view>, 8> kPayloadTypes{{
    {PayloadType::message, "fn/msg/1"},
    {PayloadType::receipt, "fn/receipt/1"},
    {PayloadType::heartbeat, "fn/hb/1"},
    {PayloadType::roster, "fn/roster/1"},
    {PayloadType::hop_http, "fn/hop-http/1"},
    {PayloadType::hop_nats, "fn/hop-nats/1"},
    {PayloadType::relay_receipt, "fn/relay-receipt/1"},
    {PayloadType::pair, "fn/pair/1"},
}};

}  // namespace

std::string_view to_string(PayloadType type) {
  for (const auto& [known, name] : kPayloadTypes)
    if (known == type) return name;
  return "?";
}

std::optional<PayloadType> payload_type_named(std::string_view wire_name) {
  for (const auto& [type, name] : kPayloadTypes)
    if (name == wire_name) return type;
  return std::nullopt;
}

std::string to_wire(const Envelope& envelope) {
  const std::string payload = to_base64url(envelope.payload);
  const std::string_view type = to_string(envelope.type);
  std::string json;
  json.reserve(payload.size() + type.size() + envelope.key_id.size() + 128);
  json.append(R"({"fn":1,"t":")").append(type).append(R"(","k":")").append(envelope.key_id);
  json.append(R"(","p":")").append(payload);
  json.append(R"(","s":")").append(to_base64url(envelope.signature)).append(R"("})");
  return json;
}

std::string signed_bytes(const Envelope& envelope) {
  return pae({to_string(envelope.type), envelope.key_id, envelope.payload});
}

std::string envelope_hash(const Envelope& envelope) { return sha256(signed_bytes(envelope)); }

std::string key_id(std::string_view public_key) {
  return to_base32(sha256(public_key).substr(0, kKeyIdHashBytes));
}

Envelope sign_envelope(const SigningKey& key, PayloadType type, std::string payload) {
  Envelope envelope{type, key_id(key.public_key()), std::move(payload), {}};
  envelope.signature = key.sign(signed_bytes(envelope));
  return envelope;
}

bool verify_envelope(const VerifyKey& key, const Envelope& envelope) {
  return envelope.key_id == key_id(key.public_key()) &&
         key.verify(signed_bytes(envelope), envelope.signature);
}

bool is_psk(const Envelope& envelope) { return envelope.key_id.starts_with(kPskPrefix); }

Envelope mac_envelope(const Secret& fleet_key, std::string_view fleet_key_id, PayloadType type,
                      std::string payload) {
  Envelope envelope{type, std::string(kPskPrefix).append(fleet_key_id), std::move(payload), {}};
  envelope.signature = hmac_sha256(fleet_key.reveal(), signed_bytes(envelope));
  return envelope;
}

bool verify_mac(const Secret& fleet_key, const Envelope& envelope) {
  return is_psk(envelope) &&
         constant_time_equal(hmac_sha256(fleet_key.reveal(), signed_bytes(envelope)),
                             envelope.signature);
}

}  // namespace fleet
